/** A live object that misses events is marked for a rebuild, in the EU bucket, once ClickHouse has what it misses. */
import { evictDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { readStaleMark, STALE_PREFIX } from "../../../workers/shared/live-stale.ts";
import { again, alarmOf, append, drain, newBuffer, objects, packs, statsOf, testEnv, tick } from "./driver.ts";
import { ORG } from "./packs.ts";
import { fakeClickHouse, resetWorld, world } from "./world.ts";

beforeEach(async () => {
  resetWorld();
  vi.spyOn(globalThis, "fetch").mockImplementation(fakeClickHouse);
  for (const { key } of await objects("")) await testEnv.BUCKET_EU.delete(key);
});

const marks = async () => (await objects(STALE_PREFIX)).map(({ customMetadata }) => readStaleMark(customMetadata));
const MARK = { orgId: ORG, jurisdiction: "eu", residency: "eu" };

describe("a live object", () => {
  test.each([
    ["that could not read a frame", { unreadable: 1 }],
    ["that started afresh", { incomplete: true }],
  ])("%s is marked", async (_, answer) => {
    Object.assign(world, answer);
    const buffer = newBuffer();
    await append(buffer, packs(2));
    await drain(buffer);
    expect(await marks()).toEqual([MARK]);
    expect(await alarmOf(buffer)).toBeNull();
  });

  test("that took everything is not", async () => {
    const buffer = newBuffer();
    await append(buffer, packs(2));
    await drain(buffer);
    expect(await marks()).toEqual([]);
  });

  test("is marked only when ClickHouse has what it misses, also when the buffer was restarted in between", async () => {
    world.incomplete = true;
    world.clickhouse.before = async () => new Response("down", { status: 500 });
    const buffer = newBuffer();
    await append(buffer, packs(2));
    await tick(buffer);
    world.incomplete = false;
    expect((await statsOf(buffer)).sinks).toMatchObject({ live: { packs: 0 }, clickhouse: { packs: 2 } });
    expect(await marks()).toEqual([]);
    await evictDurableObject(buffer);
    world.clickhouse.before = async () => undefined;
    const restarted = again(buffer);
    await drain(restarted);
    expect(await marks()).toEqual([MARK]);
  });

  test("that was skipped is marked when ClickHouse has what was passed over", async () => {
    world.tuning = { liveSkipBytes: 500 };
    world.live = async () => {
      throw new Error("down");
    };
    const buffer = newBuffer();
    await append(buffer, packs(2));
    for (let failure = 0; failure < 3; failure++) await tick(buffer, 400_000);
    expect((await statsOf(buffer)).sinks.live).toMatchObject({ packs: 0, skipped: 2 });
    expect(await marks()).toEqual([MARK]);
  });

  test("that says so with every flush is marked a few times a minute, and the last word is not lost", async () => {
    world.incomplete = true;
    const buffer = newBuffer();
    for (let second = 0; second < 10; second += 2) {
      await append(buffer, packs(1));
      await tick(buffer, 2_000);
    }
    expect((await marks()).length).toBe(1);
    expect(await tick(buffer, 15_000)).toBe(true);
    expect((await marks()).length).toBe(2);
    expect(await alarmOf(buffer)).toBeNull();
  });

  test("is marked later when the bucket is down", async () => {
    world.unreadable = 1;
    world.bucketPut = async (key) => {
      if (key.startsWith(STALE_PREFIX)) throw new Error("down");
    };
    const buffer = newBuffer();
    await append(buffer, packs(1));
    await tick(buffer);
    expect(await marks()).toEqual([]);
    world.bucketPut = async () => undefined;
    expect(await tick(buffer, 400_000)).toBe(true);
    expect(await marks()).toEqual([MARK]);
  });
});
