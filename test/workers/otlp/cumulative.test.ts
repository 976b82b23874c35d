import { runDurableObjectAlarm } from "cloudflare:test";
import { beforeAll, describe, expect, it } from "vitest";
import { FORGET_AFTER_MS } from "../../../durable-objects/metric-series/limits.ts";
import type { MetricSeriesRpc } from "../../../schema/rpc.ts";
import { clock } from "./clock.ts";
import { base, ENCODINGS, exportTo, linesOf, makeKey, Sinks, setUp } from "./world.ts";

beforeAll(setUp);

const START = Date.now() - 60_000;
let sessions = 0;
const freshSession = (): string => `session-of-cumulative-${sessions++}`;

/** Lines by unique events, as ClickHouse counts them. */
function linesStored(sinks: Sinks): number {
  const unique = new Map(
    sinks.rows().map((row) => [`${row.event_type} ${row.timestamp} ${row.event_id}`, Number(row.lines_added)]),
  );
  return [...unique.values()].reduce((sum, lines) => sum + lines, 0);
}

const noBucket = {
  put: async () => {
    throw new Error("R2 is down");
  },
} as unknown as R2Bucket;

describe("cumulative counters", () => {
  it("sum to the true total, shuffled, repeated, in both encodings, after a reset", async () => {
    const sinks = new Sinks();
    const key = await makeKey();
    const session = freshSession();
    const points = [
      { start: START, at: START + 10_000, value: 5 },
      { start: START, at: START + 20_000, value: 9 },
      { start: START, at: START + 30_000, value: 9 },
      { start: START, at: START + 40_000, value: 21 },
      { start: START + 45_000, at: START + 50_000, value: 4 },
    ].map((point) => ({ ...point, session }));
    const order = [1, 1, 0, 4, 2, 3, 1, 3, 0, 4];
    for (const [turn, at] of order.entries()) {
      const point = points[at];
      if (point === undefined) continue;
      const encoding = ENCODINGS[turn % 2];
      const response = await exportTo(linesOf([point]), {
        env: sinks.env,
        key,
        signal: "metrics",
        ...(encoding && { encoding }),
      });
      expect(response.status).toBe(200);
    }
    const all = await exportTo(linesOf(points.toReversed()), { env: sinks.env, key, signal: "metrics" });
    expect(all.status).toBe(200);
    expect(linesStored(sinks)).toBe(25);
  });

  it("lose nothing and double nothing when the send fails and is tried again or given up", async () => {
    const sinks = new Sinks({ BUCKET: noBucket });
    const key = await makeKey();
    const session = freshSession();
    const tell = (value: number, at: number) =>
      exportTo(linesOf([{ start: START, at: START + at, value, session }]), { env: sinks.env, key, signal: "metrics" });
    expect((await tell(3, 1_000)).status).toBe(200);
    sinks.failing = true;
    expect((await tell(8, 2_000)).status).toBe(503);
    expect((await tell(10, 3_000)).status).toBe(503);
    sinks.failing = false;
    expect((await tell(8, 2_000)).status).toBe(200);
    // 10 was given up by its exporter; the next export is of a later time.
    expect((await tell(15, 5_000)).status).toBe(200);
    expect(linesStored(sinks)).toBe(15);
    const times = new Set(sinks.rows().map(({ timestamp }) => timestamp));
    expect(times).toEqual(new Set([1_000, 2_000, 3_000, 5_000].map((at) => START + at)));
  });

  it("are told in steps when one export holds many of their points", async () => {
    const sinks = new Sinks();
    const session = freshSession();
    const points = [7, 3, 1, 7].map((value, i) => ({ start: START, at: START + value * 1_000 + i, value, session }));
    const root = linesOf(points);
    expect((await exportTo(root, { env: sinks.env, key: await makeKey(), signal: "metrics" })).status).toBe(200);
    expect(sinks.rows().map(({ lines_added }) => lines_added)).toEqual([1, 2, 4]);
  });

  it("are kept by tenant", async () => {
    const session = freshSession();
    for (const orgId of ["org_us", "org_gl"]) {
      const sinks = new Sinks();
      const key = await makeKey({ orgId, jurisdiction: orgId === "org_us" ? "us" : "gl-us" });
      const root = linesOf([{ start: START, at: START + 1, value: 6, session }]);
      expect((await exportTo(root, { env: sinks.env, key, signal: "metrics" })).status).toBe(200);
      expect(linesStored(sinks)).toBe(6);
    }
  });

  it("of a series that was silent for long are forgotten by the alarm, which ends when nothing is left", async () => {
    const stub = base.METRIC_SERIES.getByName("org_silent") as unknown as DurableObjectStub & MetricSeriesRpc;
    const points = [{ series: "s", start: "1", time: "2", value: 6 }];
    const advance = async () => (await stub.advance({ v: 1, org_id: "org_silent", points })).intervals;
    const first = await advance();
    await stub.confirm({ v: 1, org_id: "org_silent", intervals: first });
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await advance()).toEqual([]);
    clock.ahead = FORGET_AFTER_MS + 1;
    expect(await runDurableObjectAlarm(stub)).toBe(true);
    expect(await runDurableObjectAlarm(stub)).toBe(false);
    expect(await advance()).toEqual(first);
    clock.ahead = 0;
  });
});
