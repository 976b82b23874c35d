import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  alarmOf,
  append,
  appliedPackIds,
  archivedPackIds,
  drain,
  eventIds,
  newBuffer,
  objectBytes,
  objects,
  packIds,
  packs,
  silence,
  statsOf,
  testEnv,
  tick,
  until,
} from "./driver.ts";
import { makePack } from "./packs.ts";
import { fakeClickHouse, now, refusal, resetWorld, world } from "./world.ts";

beforeEach(async () => {
  resetWorld();
  vi.spyOn(globalThis, "fetch").mockImplementation(fakeClickHouse);
  for (const { key } of await objects("")) await testEnv.BUCKET_EU.delete(key);
});

const DAY_MS = 86_400_000;

describe("sinks that fail", () => {
  test("three times in ten at random: every sink gets each of 500 packs, and identities are exact", async () => {
    const random = seededRandom(7);
    const maybe = async (): Promise<void> => {
      if (random() < 0.3) throw new Error("by chance");
    };
    world.live = maybe;
    world.bucketPut = maybe;
    world.clickhouse.before = async () => {
      await maybe();
      return undefined;
    };
    world.clickhouse.after = maybe;
    const buffer = newBuffer();
    const sent = packs(500);
    for (let at = 0; at < sent.length; at += 25) {
      await append(buffer, sent.slice(at, at + 25));
      await tick(buffer);
    }
    await drain(buffer);
    expect([...world.rows.keys()].sort()).toEqual(eventIds(sent).sort());
    expect(new Set(appliedPackIds())).toEqual(new Set(packIds(sent)));
    expect((await archivedPackIds()).sort()).toEqual(packIds(sent).sort());
    expect(world.inserts.length).toBeGreaterThan(20);
  });

  test("live down holds neither ClickHouse nor the bucket back, and gets its packs later", async () => {
    const buffer = newBuffer();
    const sent = packs(3);
    world.live = async () => {
      throw new Error("down");
    };
    await append(buffer, sent);
    await tick(buffer);
    expect(await statsOf(buffer)).toMatchObject({
      packs: 3,
      sinks: { live: { packs: 3, failures: 1 }, clickhouse: { packs: 0 }, archive: { packs: 0 } },
    });
    world.live = async () => undefined;
    await drain(buffer);
    expect(appliedPackIds()).toEqual(packIds(sent));
    expect([...world.rows]).toEqual(eventIds(sent).map((id) => [id, 1]));
  });

  test("ClickHouse hanging does not hold live back, also for packs that come meanwhile", async () => {
    const buffer = newBuffer();
    const [first, meanwhile] = [packs(2), packs(2)];
    world.clickhouse.before = silence;
    await append(buffer, first);
    await tick(buffer);
    await append(buffer, meanwhile);
    await tick(buffer);
    expect(appliedPackIds()).toEqual(packIds([...first, ...meanwhile]));
    expect(world.inserts.length).toBe(1);
    expect((await statsOf(buffer)).sinks.clickhouse.oldest_age_ms).toBeGreaterThan(2_000);
  });

  test("live hanging does not hold ClickHouse back", async () => {
    const buffer = newBuffer();
    const sent = packs(2);
    world.live = silence;
    await append(buffer, sent);
    await tick(buffer);
    expect([...world.rows.keys()]).toEqual(eventIds(sent));
  });

  test("live skips ahead when it keeps failing and too much waits, and says so", async () => {
    world.tuning = { liveSkipBytes: 500 };
    const buffer = newBuffer();
    world.live = async () => {
      throw new Error("down");
    };
    await append(buffer, packs(2));
    for (let failure = 0; failure < 3; failure++) await tick(buffer, 400_000);
    expect(await statsOf(buffer)).toMatchObject({ packs: 0, sinks: { live: { skipped: 2 } } });
    expect(world.rows.size).toBe(4);
  });
});

describe("live", () => {
  test("gets one call with the frames of all waiting packs, and none older than the backfill age", async () => {
    const buffer = newBuffer();
    const [fresh, old] = [packs(3), makePack({ at: Date.now() - 3 * DAY_MS })];
    await append(buffer, [...fresh, old]);
    await drain(buffer);
    expect(world.applies.length).toBe(1);
    expect(appliedPackIds()).toEqual(packIds(fresh));
    expect(world.rows.size).toBe(8);
  });

  test("counts frames that the object could not read", async () => {
    const buffer = newBuffer();
    world.unreadable = 1;
    await append(buffer, packs(2));
    await drain(buffer);
    expect((await statsOf(buffer)).sinks.live).toMatchObject({ packs: 0, skipped: 1 });
  });
});

describe("a pack that ClickHouse refuses", () => {
  test("is isolated into dead letters with its reason; the others are stored", async () => {
    const buffer = newBuffer();
    const sent = packs(9);
    const poison = sent[5] ?? makePack();
    refuse(poison.eventIds);
    await append(buffer, sent);
    await drain(buffer);
    expect([...world.rows.keys()].sort()).toEqual(eventIds(sent.filter((pack) => pack !== poison)).sort());
    const [letter, ...others] = await objects("dead-letters/");
    expect(others).toEqual([]);
    expect(letter?.key).toBe(`dead-letters/${new Date(now()).toISOString().slice(0, 10)}/org_eu/${poison.packId}`);
    expect(letter?.customMetadata).toEqual({
      reason: "Code: 27. DB::Exception: cannot parse input",
      code: "27",
      source: "event-buffer",
    });
    expect(await objectBytes(letter?.key ?? "")).toEqual(poison.bytes);
    expect((await statsOf(buffer)).sinks.clickhouse).toMatchObject({ packs: 0, skipped: 1, error: null });
  });

  test("is isolated although three inserts in ten fail: what is decided stays decided", async () => {
    const buffer = newBuffer();
    const sent = packs(32);
    const poison = sent[17] ?? makePack();
    const random = seededRandom(11);
    refuse(poison.eventIds, async () => {
      if (random() < 0.3) throw new Error("by chance");
    });
    await append(buffer, sent);
    await drain(buffer, 60);
    expect([...world.rows.keys()].sort()).toEqual(eventIds(sent.filter((pack) => pack !== poison)).sort());
    expect((await objects("dead-letters/")).length).toBe(1);
  });

  test("waits while its dead letter cannot be written", async () => {
    const buffer = newBuffer();
    const poison = makePack();
    refuse(poison.eventIds);
    world.bucketPut = async (key) => {
      if (key.startsWith("dead-letters/")) throw new Error("down");
    };
    await append(buffer, [poison]);
    await tick(buffer);
    expect(await statsOf(buffer)).toMatchObject({ sinks: { clickhouse: { packs: 1, error: "Error: down" } } });
    world.bucketPut = async () => undefined;
    await drain(buffer);
    expect((await objects("dead-letters/")).length).toBe(1);
  });

  test("never shares a deduplication token with another composition", async () => {
    const buffer = newBuffer();
    const sent = packs(9);
    refuse(sent[2]?.eventIds ?? []);
    await append(buffer, sent);
    await drain(buffer);
    const compositions = new Map(world.inserts.map(({ token, ids }) => [token, ids.join()]));
    expect(compositions.size).toBe(new Set(world.inserts.map(({ ids }) => ids.join())).size);
    for (const { token, ids } of world.inserts) expect(compositions.get(token)).toBe(ids.join());
  });

  function refuse(ids: readonly string[], first: () => Promise<void> = async () => undefined): void {
    world.clickhouse.before = async (call) => {
      await first();
      return call.ids.some((id) => ids.includes(id)) ? refusal(27, "cannot parse input") : undefined;
    };
  }
});

test("a flush that takes long goes on after its alarm, and the last pack takes the alarm with it", async () => {
  const buffer = newBuffer();
  let finish = false;
  world.clickhouse.after = async () => await until(() => finish);
  await append(buffer, packs(1));
  await tick(buffer);
  expect(await alarmOf(buffer)).toBeGreaterThan(now());
  finish = true;
  await until(async () => (await alarmOf(buffer)) === null);
  expect((await statsOf(buffer)).packs).toBe(0);
});

/** Numbers in [0, 1) that are the same in each run (a linear congruential generator). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
