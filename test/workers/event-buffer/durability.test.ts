import { abortAllDurableObjects, evictDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  again,
  alarmOf,
  append,
  appendTogether,
  appliedPackIds,
  archivedPackIds,
  type Buffer,
  drain,
  eventIds,
  newBuffer,
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
import { fakeClickHouse, now, resetWorld, world } from "./world.ts";

beforeEach(async () => {
  resetWorld();
  vi.spyOn(globalThis, "fetch").mockImplementation(fakeClickHouse);
  for (const { key } of await objects("")) await testEnv.BUCKET_EU.delete(key);
});

describe("packs that were acknowledged", () => {
  test("survive an eviction: first touched by the alarm, nothing is lost and nothing doubled", async () => {
    const buffer = newBuffer();
    const sent = packs(5);
    await append(buffer, sent);
    await evictDurableObject(buffer);
    expect(await tick(buffer)).toBe(true);
    expect([...world.rows]).toEqual(eventIds(sent).map((id) => [id, 1]));
    expect(appliedPackIds()).toEqual(packIds(sent));
    expect(await archivedPackIds()).toEqual(packIds(sent));
    expect(await statsOf(buffer)).toMatchObject({ packs: 0, bytes: 0 });
  });

  test("keep their order and numbers over a restart of an empty buffer", async () => {
    const buffer = newBuffer();
    const [first, second] = [packs(3), packs(3)];
    await append(buffer, first);
    await drain(buffer);
    await abortAllDurableObjects();
    await append(again(buffer), second);
    await drain(again(buffer));
    expect([...world.rows]).toEqual(eventIds([...first, ...second]).map((id) => [id, 1]));
    expect(appliedPackIds()).toEqual(packIds([...first, ...second]));
  });

  test("cost one row when they come in one append, and a duplicate that waits costs none", async () => {
    const buffer = newBuffer();
    const sent = packs(4);
    const bytes = sent.map((pack) => pack.bytes);
    expect(await appendTogether(buffer, bytes)).toMatchObject({ stored: 4 });
    expect(await appendTogether(buffer, bytes)).toMatchObject({ stored: 4 });
    expect(await statsOf(buffer)).toMatchObject({ packs: 4 });
    await drain(buffer);
    expect([...world.rows]).toEqual(eventIds(sent).map((id) => [id, 1]));
  });
});

describe("a crash", () => {
  test("between recording a composition and sending it: the same composition is sent, with the same token", async () => {
    const buffer = newBuffer();
    const [first, later] = [packs(3), packs(2)];
    await append(buffer, first);
    world.clickhouse.before = silence;
    await tick(buffer);
    expect(world.rows.size).toBe(0);
    const restarted = await crashAndRestart(buffer);
    await append(restarted, later);
    await drain(restarted);
    expect(world.inserts.map(({ ids }) => ids)).toEqual([eventIds(first), eventIds(first), eventIds(later)]);
    expect(world.inserts[1]?.token).toBe(world.inserts[0]?.token);
    expect(world.inserts[2]?.token).not.toBe(world.inserts[0]?.token);
  });

  test("between sending and advancing: the same composition is sent again, and identities stay exact", async () => {
    const buffer = newBuffer();
    const [first, later] = [packs(3), packs(2)];
    await append(buffer, first);
    world.clickhouse.after = silence;
    await tick(buffer);
    expect(world.rows.size).toBe(eventIds(first).length);
    const restarted = await crashAndRestart(buffer);
    await append(restarted, later);
    await drain(restarted);
    expect(world.inserts.map(({ ids }) => ids)).toEqual([eventIds(first), eventIds(first), eventIds(later)]);
    expect(world.inserts[1]?.token).toBe(world.inserts[0]?.token);
    expect([...world.rows.keys()]).toEqual(eventIds([...first, ...later]));
  });

  test("while the bucket is written: the repeated flush overwrites itself", async () => {
    const buffer = newBuffer();
    const sent = packs(3);
    await append(buffer, sent);
    world.clickhouse.before = silence;
    await tick(buffer);
    expect(await archivedPackIds()).toEqual(packIds(sent));
    await drain(await crashAndRestart(buffer));
    expect(await archivedPackIds()).toEqual(packIds(sent));
  });

  /** Ends every object as a crash would, without touching what is stored, and mends ClickHouse. */
  async function crashAndRestart(buffer: Buffer): Promise<Buffer> {
    await abortAllDurableObjects();
    world.clickhouse = { before: async () => undefined, after: async () => undefined };
    return again(buffer);
  }
});

describe("the alarm", () => {
  test("is set by the first append, within a second, and not again by the next", async () => {
    const buffer = newBuffer();
    await append(buffer, packs(1));
    const at = (await alarmOf(buffer)) ?? 0;
    expect(at - now()).toBeGreaterThan(0);
    expect(at - now()).toBeLessThanOrEqual(1_000);
    await append(buffer, packs(1));
    expect(await alarmOf(buffer)).toBe(at);
  });

  test("is gone when nothing waits", async () => {
    const buffer = newBuffer();
    await append(buffer, packs(1));
    await drain(buffer);
    expect(await alarmOf(buffer)).toBeNull();
  });

  test("is set again when every sink fails, and nothing is thrown out of it", async () => {
    const buffer = newBuffer();
    await append(buffer, packs(1));
    breakEverything();
    expect(await tick(buffer)).toBe(true);
    const at = await alarmOf(buffer);
    expect(at).toBeGreaterThan(now());
    expect(await statsOf(buffer)).toMatchObject({ packs: 1, sinks: { live: { failures: 1, error: "Error: down" } } });
  });

  test("waits longer from failure to failure, up to half a minute", async () => {
    const buffer = newBuffer();
    await append(buffer, packs(1));
    breakEverything();
    const waits: number[] = [];
    for (let failure = 0; failure < 7; failure++) {
      await tick(buffer, 40_000);
      waits.push(Math.round((((await alarmOf(buffer)) ?? 0) - now()) / 1_000));
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 30, 30]);
  });

  test("comes back by itself while ClickHouse hangs, so that a restart finds the flush", async () => {
    const buffer = newBuffer();
    await append(buffer, packs(1));
    world.clickhouse.before = silence;
    await tick(buffer);
    expect(await alarmOf(buffer)).toBeGreaterThan(now());
  });

  test("that is late is helped by the next append", async () => {
    const buffer = newBuffer();
    const sent = packs(1);
    await append(buffer, sent);
    world.skewMs += 5_000;
    await append(buffer, [makePack()]);
    await until(() => world.rows.size > 0 && world.applies.length > 0);
    expect(appliedPackIds()).toContain(sent[0]?.packId);
  });

  test("goes off by itself on the real clock: live first, then the other two", async () => {
    world.skewMs = 0;
    const buffer = newBuffer();
    const sent = packs(2);
    await append(buffer, sent);
    await until(() => world.applies.length > 0);
    expect(world.inserts).toEqual([]);
    await until(async () => (await statsOf(buffer)).packs === 0);
    expect([...world.rows]).toEqual(eventIds(sent).map((id) => [id, 1]));
    expect(await alarmOf(buffer)).toBeNull();
  });

  function breakEverything(): void {
    const down = async (): Promise<never> => {
      throw new Error("down");
    };
    world.live = down;
    world.clickhouse.before = down;
    world.bucketPut = down;
  }
});
