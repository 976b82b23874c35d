import { describe, expect, it } from "vitest";
import { buryAll } from "../../../queues/dead-letters.ts";
import { consumeEvents, type EventSinks, type PackMessage } from "../../../queues/events.ts";
import { type Outcome, retryDelay, settle } from "../../../queues/outcome.ts";
import { writePack } from "../../../schema/pack.ts";
import { classify, type InsertOutcome } from "../../../workers/shared/clickhouse-insert.ts";

/** A message whose pack holds one byte of body: its number. */
function message(
  n: number,
  fields: { region?: "us" | "eu"; org?: string; attempts?: number; pack?: number } = {},
): PackMessage {
  const { region = "us", org = "org_a", attempts = 1, pack = n } = fields;
  const header = {
    v: 1,
    pack_id: pack.toString(16).padStart(32, "0"),
    org_id: org,
    region,
    residency: region,
    received_at: 1,
    count: 1,
    oldest: 1,
    newest: 1,
  };
  return { id: `m${n}`, attempts, bytes: writePack(header, new Uint8Array(0), Uint8Array.of(pack)) };
}

/** Sinks that record, and refuse the packs named bad. */
function world(options: { bad?: number[]; down?: boolean; live?: Record<string, Outcome>; buryFails?: boolean } = {}) {
  const inserts: number[][] = [];
  const buried: string[] = [];
  const copies: number[] = [];
  const insert = async (bodies: readonly Uint8Array[]): Promise<InsertOutcome> => {
    const packs = bodies.map((body) => body[0] ?? -1);
    inserts.push(packs);
    if (options.down === true) return { kind: "retry", reason: "down" };
    const bad = packs.find((pack) => options.bad?.includes(pack));
    return bad === undefined ? { kind: "ok" } : { kind: "bad_data", code: 27, reason: `cannot parse ${bad}` };
  };
  const sinks: EventSinks = {
    insert: { us: insert, eu: insert },
    applyLive: async () => new Map(Object.entries(options.live ?? {})),
    keepCopy: async (messages) => void copies.push(messages.length),
    bury: async (m, _pack, code, reason) => {
      if (options.buryFails === true) throw new Error("R2 is down");
      buried.push(`${m.id} ${code} ${reason}`);
    },
  };
  return { sinks, inserts, buried, copies };
}

const kinds = (outcomes: Map<string, Outcome>): Record<string, string> =>
  Object.fromEntries([...outcomes].map(([id, { kind }]) => [id, kind]));

describe("a batch of packs", () => {
  it("is one insert a region, and every message is decided", async () => {
    const { sinks, inserts, copies } = world();
    const outcomes = await consumeEvents([message(1), message(2, { region: "eu" }), message(3)], sinks, true);
    expect(inserts).toEqual([[1, 3], [2]]);
    expect(copies).toEqual([3]);
    expect(kinds(outcomes)).toEqual({ m1: "ok", m2: "ok", m3: "ok" });
  });

  it("inserts a pack that stands in it twice once, and acks both", async () => {
    const { sinks, inserts } = world();
    const outcomes = await consumeEvents([message(1), message(2, { pack: 1 })], sinks, true);
    expect(inserts).toEqual([[1]]);
    expect(kinds(outcomes)).toEqual({ m1: "ok", m2: "ok" });
  });

  it("isolates poison packs by halving: only they die, with ClickHouse's reason", async () => {
    const { sinks, inserts, buried } = world({ bad: [3, 6] });
    const outcomes = await consumeEvents(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => message(n)),
      sinks,
      true,
    );
    expect(kinds(outcomes)).toEqual({
      m1: "ok",
      m2: "ok",
      m3: "dead",
      m4: "ok",
      m5: "ok",
      m6: "dead",
      m7: "ok",
      m8: "ok",
    });
    expect(buried).toEqual(["m3 27 cannot parse 3", "m6 27 cannot parse 6"]);
    expect(inserts.length).toBeLessThanOrEqual(11);
  });

  it("retries everything undecided when ClickHouse is down, after one attempt only", async () => {
    const { sinks, inserts } = world({ down: true });
    const outcomes = await consumeEvents([message(1), message(2)], sinks, true);
    expect(kinds(outcomes)).toEqual({ m1: "retry", m2: "retry" });
    expect(inserts).toHaveLength(1);
  });

  it("acks only when the live object has it too, and only that org waits", async () => {
    const { sinks } = world({ live: { org_a: { kind: "retry", reason: "evicted" }, org_b: { kind: "ok" } } });
    const outcomes = await consumeEvents([message(1), message(2, { org: "org_b" })], sinks, true);
    expect(kinds(outcomes)).toEqual({ m1: "retry", m2: "ok" });
  });

  it("retries every org when the live apply fails as a whole, and never asks it for backfill", async () => {
    const { sinks } = world();
    const failing = { ...sinks, applyLive: () => Promise.reject(new Error("boom")) };
    expect(kinds(await consumeEvents([message(1)], failing, true))).toEqual({ m1: "retry" });
    expect(kinds(await consumeEvents([message(1)], failing, false))).toEqual({ m1: "ok" });
  });

  it("buries bytes that are no pack, and retries while the burial fails", async () => {
    const garbage: PackMessage = { id: "g", attempts: 1, bytes: Uint8Array.of(1, 2, 3) };
    const { sinks, buried } = world();
    expect(kinds(await consumeEvents([garbage, message(1)], sinks, true))).toEqual({ g: "dead", m1: "ok" });
    expect(buried).toEqual(["g 0 not a pack"]);
    expect(kinds(await consumeEvents([garbage], world({ buryFails: true }).sinks, true))).toEqual({ g: "retry" });
  });

  it("keeps a copy once: not again when a message comes back", async () => {
    const { sinks, copies } = world();
    await consumeEvents([message(1, { attempts: 2 }), message(2)], sinks, true);
    expect(copies).toEqual([1]);
  });
});

describe("dead letters", () => {
  it("are acked only when they are written", async () => {
    const good = world();
    expect(kinds(await buryAll([message(1)], good.sinks.bury))).toEqual({ m1: "dead" });
    expect(kinds(await buryAll([message(1)], world({ buryFails: true }).sinks.bury))).toEqual({ m1: "retry" });
  });
});

describe("settling", () => {
  it("acks ok and dead, retries with a delay that doubles from 1 s to 10 min", () => {
    const calls: string[] = [];
    const m = (attempts: number) => ({
      attempts,
      ack: () => void calls.push("ack"),
      retry: (options?: { delaySeconds?: number }) => void calls.push(`retry ${options?.delaySeconds}`),
    });
    settle(m(1), { kind: "ok" });
    settle(m(1), { kind: "dead", reason: "x" });
    settle(m(3), { kind: "retry", reason: "x" }, 0);
    expect(calls).toEqual(["ack", "ack", "retry 4"]);
    expect([1, 2, 5, 10, 11, 99].map((attempts) => retryDelay(attempts, 0))).toEqual([1, 2, 16, 512, 600, 600]);
    expect(retryDelay(1, 0.999)).toBeGreaterThanOrEqual(1);
    expect(retryDelay(10, 0.999)).toBeGreaterThanOrEqual(384);
  });
});

describe("what ClickHouse's refusal means", () => {
  it.each([
    [27, "bad_data"],
    [26, "bad_data"],
    [117, "bad_data"],
    [60, "retry"],
    [241, "retry"],
    [159, "retry"],
    [516, "retry"],
  ])("code %i is %s", (code, kind) => {
    expect(classify(400, new Headers({ "x-clickhouse-exception-code": String(code) }), "Code").kind).toBe(kind);
    expect(classify(400, new Headers(), `Code: ${code}. DB::Exception: x`).kind).toBe(kind);
  });

  it("of a column it does not have yet is a retry: a deploy is under way", () => {
    const text = "Code: 117. DB::Exception: Unknown field found while parsing JSONEachRow format: later: (at row 1)";
    expect(classify(400, new Headers({ "x-clickhouse-exception-code": "117" }), text).kind).toBe("retry");
  });

  it("without a code is a retry", () => {
    expect(classify(502, new Headers(), "Bad Gateway").kind).toBe("retry");
  });
});
