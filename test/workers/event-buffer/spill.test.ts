import { evictDurableObject } from "cloudflare:test";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  alarmOf,
  append,
  appendTogether,
  appliedPackIds,
  drain,
  eventIds,
  newBuffer,
  objectBytes,
  objects,
  packIds,
  packs,
  statsOf,
  testEnv,
  tick,
} from "./driver.ts";
import { makePack, ORG } from "./packs.ts";
import { fakeClickHouse, refusal, resetWorld, world } from "./world.ts";

beforeEach(async () => {
  resetWorld();
  vi.spyOn(globalThis, "fetch").mockImplementation(fakeClickHouse);
  for (const { key } of await objects("")) await testEnv.BUCKET_EU.delete(key);
  const size = makePack().bytes.length + 10;
  world.tuning = { capBytes: 4 * size, resumeBytes: 2 * size, hardCapBytes: 6 * size };
  world.clickhouse.before = async () => refusal(210, "connection refused");
});

const clickHouseIsBack = (): void => {
  world.clickhouse.before = async () => undefined;
};

describe("above the cap", () => {
  test("packs go to the EU bucket, are acknowledged, and come back when there is room", async () => {
    const buffer = newBuffer();
    const sent = packs(10);
    await append(buffer, sent);
    const spilled = await objects(`spill/${ORG}/`);
    expect(spilled.map(({ key }) => key.slice(-32)).sort()).toEqual(packIds(sent.slice(4)).sort());
    expect(await objectBytes(spilled[0]?.key ?? "")).toEqual(
      sent.find(({ packId }) => spilled[0]?.key.endsWith(packId))?.bytes,
    );
    await tick(buffer);
    expect((await objects("spill/")).length).toBe(6);
    clickHouseIsBack();
    await drain(buffer);
    expect([...world.rows.keys()].sort()).toEqual(eventIds(sent).sort());
    expect(new Set(appliedPackIds())).toEqual(new Set(packIds(sent)));
    expect(await objects("spill/")).toEqual([]);
    expect(await alarmOf(buffer)).toBeNull();
  });

  test("an evicted buffer still knows that it has spilled", async () => {
    const buffer = newBuffer();
    const sent = packs(10);
    await append(buffer, sent);
    await evictDurableObject(buffer);
    clickHouseIsBack();
    await drain(buffer);
    expect([...world.rows.keys()].sort()).toEqual(eventIds(sent).sort());
  });

  test("with the bucket down too, SQLite takes packs up to the hard cap; beyond it the append is refused", async () => {
    const buffer = newBuffer();
    world.bucketPut = async () => {
      throw new Error("down");
    };
    await append(buffer, packs(6));
    expect(await statsOf(buffer)).toMatchObject({ packs: 6 });
    await expect(append(buffer, packs(1))).rejects.toThrow("down");
    world.bucketPut = async () => undefined;
    clickHouseIsBack();
    await drain(buffer);
    expect(world.rows.size).toBe(12);
  });

  test("a spilled object that is no pack is put aside and does not stop the others", async () => {
    const buffer = newBuffer();
    await testEnv.BUCKET_EU.put(`spill/${ORG}/00000000000000-nonsense`, "nonsense");
    const sent = packs(6);
    await append(buffer, sent);
    clickHouseIsBack();
    await drain(buffer);
    expect(world.rows.size).toBe(12);
    expect((await objects("dead-letters/")).map(({ key }) => key.split("/").pop())).toEqual([
      "00000000000000-nonsense",
    ]);
  });
});

describe("an append is refused, and nothing of it stored, when it holds", () => {
  test.each([
    ["no pack", () => new Uint8Array([1, 2, 3]), "not a pack"],
    ["a pack of another org", () => makePack({ orgId: "org_other" }).bytes, "another org"],
    ["a pack that is stored elsewhere", () => makePack({ region: "us" }).bytes, "not to be stored in the EU"],
  ])("%s", async (_, make, message) => {
    const buffer = newBuffer();
    await expect(appendTogether(buffer, [makePack().bytes, make()])).rejects.toThrow(message);
    expect(await statsOf(buffer)).toMatchObject({ packs: 0 });
    expect(await alarmOf(buffer)).toBeNull();
  });

  test("packs for a buffer that belongs to another org", async () => {
    const buffer = newBuffer();
    await append(buffer, packs(1));
    await expect(append(buffer, [makePack({ orgId: "org_other" })], "org_other")).rejects.toThrow("another org");
  });
});
