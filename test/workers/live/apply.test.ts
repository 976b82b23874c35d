/** TenantLive.apply: identity decides, whatever is repeated, re-chunked, evicted, late or ahead of the clock. */
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../schema/limits.ts";
import { applyOf, type LiveEvent, liveEvent } from "../../support/frames.ts";
import { countsByType, freshObject, grant, setClock, snapshotOf, T0, totalsByType } from "./world.ts";

beforeEach(() => setClock(T0));
afterEach(() => {
  vi.useRealTimers();
});

const some = (
  n: number,
  time: (i: number) => number,
  fields: (i: number) => Omit<LiveEvent, "id" | "time"> = () => ({}),
): LiveEvent[] => Array.from({ length: n }, (_, i) => liveEvent(time(i), fields(i)));

function chunks<T>(items: readonly T[], size: number): T[][] {
  const out: T[][] = [];
  for (let i = 0; i < items.length; i += size) out.push(items.slice(i, i + size));
  return out;
}

describe("apply", () => {
  it("counts each identity once when frames are repeated and re-chunked", async () => {
    const { live } = freshObject();
    const events = some(
      300,
      (i) => T0 - i * 100,
      (i) => ({ type: i % 3 === 0 ? "error" : "code_generated" }),
    );
    expect(await live.apply(applyOf(chunks(events, 100)))).toMatchObject({ applied: 300, duplicates: 0 });
    expect(await live.apply(applyOf(chunks(events.toReversed(), 7)))).toMatchObject({ applied: 0, duplicates: 300 });
    const snapshot = await snapshotOf(live);
    expect(countsByType(snapshot.windows)).toEqual({ error: 100, code_generated: 200 });
    expect(snapshot.seq).toBe(1);
  });

  it("sums measures by type", async () => {
    const { live } = freshObject();
    const cost = { type: "cost_incurred", model: "opus", measures: { cost_nano_usd: 1_500, input_tokens: 10 } };
    await live.apply(
      applyOf([
        some(
          4,
          (i) => T0 - i,
          () => cost,
        ),
      ]),
    );
    const { windows } = await snapshotOf(live);
    expect(totalsByType(windows, "cost_nano_usd")).toEqual({ cost_incurred: 6_000 });
    expect(totalsByType(windows, "input_tokens")).toEqual({ cost_incurred: 40 });
  });

  it("keeps sums and identities when the object is evicted between frames and first touched by apply", async () => {
    const { live, stub } = freshObject();
    const events = some(50, (i) => T0 - i * 1_000);
    await live.apply(applyOf([events.slice(0, 30)]));
    await evictDurableObject(stub);
    expect(await live.apply(applyOf([events]))).toMatchObject({ applied: 20, duplicates: 30 });
    await evictDurableObject(stub);
    const snapshot = await snapshotOf(live);
    expect(countsByType(snapshot.windows)).toEqual({ code_generated: 50 });
    expect(snapshot.seq).toBe(2);
  });

  it("gives the same after a flush and an eviction as before", async () => {
    const { live, stub } = freshObject();
    const events = some(
      200,
      (i) => T0 - i * 500,
      (i) => ({ session: `s${i % 7}`, user: `u${i % 5}`, measures: { lines_added: i } }),
    );
    await live.apply(applyOf(chunks(events, 50)));
    const before = await snapshotOf(live);
    setClock(T0 + 61_000);
    await runDurableObjectAlarm(stub);
    await evictDurableObject(stub);
    setClock(T0);
    const after = await snapshotOf(live);
    expect(after.windows).toEqual(before.windows);
    expect(after.sessions).toEqual(before.sessions);
    expect(after.epoch).toBe(before.epoch);
    expect(await live.apply(applyOf([events]))).toMatchObject({ applied: 0, duplicates: 200 });
  });

  it("takes out-of-order and 90 s late events into their own windows", async () => {
    const { live } = freshObject();
    await live.apply(applyOf([some(5, () => T0)]));
    await live.apply(applyOf([some(3, () => T0 - 90_000)]));
    const { windows } = await snapshotOf(live);
    expect(windows.map(({ start, by_type }) => [start - T0, by_type.code_generated?.[0]])).toEqual([
      [-90_000, 3],
      [0, 5],
    ]);
  });

  it("sums an event of +23 h in the current window, once, however often and whenever it comes again", async () => {
    const { live, stub } = freshObject();
    const ahead = some(4, (i) => T0 + 23 * HOUR_MS + i);
    expect(await live.apply(applyOf([ahead]))).toMatchObject({ applied: 4, skewed: 4 });
    setClock(T0 + 30 * MINUTE_MS);
    await runDurableObjectAlarm(stub);
    await evictDurableObject(stub);
    expect(await live.apply(applyOf([ahead]))).toMatchObject({ applied: 0, duplicates: 4 });
    setClock(T0 + 23 * HOUR_MS);
    expect(await live.apply(applyOf([ahead]))).toMatchObject({ applied: 0, duplicates: 4, skewed: 0 });
    const { windows } = await live.history(grant(), {}, T0, T0 + DAY_MS);
    expect(windows.map(({ start, by_type }) => [start - T0, by_type.code_generated?.[0]])).toEqual([[0, 4]]);
  });

  it("corrects a closed window until it seals, and counts what comes after as late", async () => {
    const { live, stub } = freshObject();
    const [first, second, third] = some(3, () => T0);
    if (!first || !second || !third) throw new Error("three events");
    await live.apply(applyOf([[first]]));
    setClock(T0 + 119 * MINUTE_MS);
    await evictDurableObject(stub);
    expect(await live.apply(applyOf([[first, second]]))).toMatchObject({ applied: 1, duplicates: 1, late: 0 });
    setClock(T0 + 2 * HOUR_MS + 10_000);
    expect(await live.apply(applyOf([[first, third]]))).toMatchObject({ applied: 0, late: 2 });
    const { windows } = await live.history(grant(), {}, T0, T0 + 10_000);
    expect(countsByType(windows)).toEqual({ code_generated: 2 });
  });

  it("rolls windows older than 15 minutes and keeps their sums by type, team, agent and environment", async () => {
    const { live, stub } = freshObject();
    await live.apply(
      applyOf([
        some(
          6,
          () => T0,
          (i) => ({ session: `s${i}`, team: i < 2 ? "red" : "blue", type: "error" }),
        ),
      ]),
    );
    setClock(T0 + 20 * MINUTE_MS);
    await runDurableObjectAlarm(stub);
    expect((await snapshotOf(live)).windows).toEqual([]);
    const read = async (filter: object) => await live.history(grant(), filter, T0, T0 + 60_000);
    expect(countsByType((await read({})).windows)).toEqual({ error: 6 });
    expect(countsByType((await read({ team: "red" })).windows)).toEqual({ error: 2 });
    expect(await read({ repo: "x" })).toMatchObject({ complete: false, windows: [] });
  });

  it("reports a frame it cannot read and takes the others", async () => {
    const { live } = freshObject();
    const request = applyOf([some(2, () => T0), some(3, () => T0)]);
    const [bad] = request.packs;
    if (bad) bad.frame = bad.frame.slice(0, 40);
    expect(await live.apply(request)).toMatchObject({ applied: 3, unreadable: 1 });
  });

  it("starts afresh under a new epoch when its storage cannot be read, and says so until it is rebuilt", async () => {
    const { live, stub } = freshObject();
    const events = some(10, () => T0);
    await live.apply(applyOf([events]));
    const { epoch } = await snapshotOf(live);
    const { runInDurableObject } = await import("cloudflare:test");
    await runInDurableObject(stub, (_, state) => {
      state.storage.sql.exec("UPDATE journal SET body = x'00010203'");
    });
    await evictDurableObject(stub);
    expect(await live.apply(applyOf([events.slice(0, 4)]))).toMatchObject({ applied: 4, incomplete: true });
    expect((await snapshotOf(live)).epoch).not.toBe(epoch);
    const rebuilt = await live.rebuild({ ...applyOf([events]), from: T0 - HOUR_MS, to: T0 + 1, last: true });
    expect(rebuilt).toMatchObject({ applied: 6, duplicates: 4, incomplete: false });
    expect(countsByType((await snapshotOf(live)).windows)).toEqual({ code_generated: 10 });
  });
});
