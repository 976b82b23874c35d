import { describe, expect, it } from "vitest";
import { LIVE_RANGE_MS } from "../../../schema/live.ts";
import type { Notice } from "../../../schema/rpc.ts";
import type { EnrichedEvent } from "../../../workers/ingest/enrich.ts";
import { NoticeGate, noticesOf } from "../../../workers/ingest/notices.ts";
import type { Env } from "../../../workers/shared/env.ts";
import type { TenantRecord } from "../../../workers/shared/tenants.ts";

const NOW = 1_800_000_000_000;

const event = (eventType: string, metadata: Record<string, unknown> = {}): EnrichedEvent => ({
  index: 0,
  eventId: crypto.randomUUID(),
  timestampMs: NOW,
  eventType,
  line: "",
  session: ["s", "u", "t", "a", "r", "b", "production"],
  model: "m",
  metadata,
  costNanoUsd: null,
  hashHi: 0,
  hashLo: 0,
  idHi: 0,
  idLo: 0,
});
const env = {} as Env;

const tenant = { orgId: "org_a", jurisdiction: "us" } as TenantRecord;

/** A gate that records its calls. */
function world() {
  const calls: Notice[][] = [];
  const waiting: Promise<unknown>[] = [];
  const gate = new NoticeGate(async (_env, _tenant, notices) => void calls.push(notices));
  const offer = (notices: Notice[], now = Date.now()) =>
    gate.offer(env, { waitUntil: (promise) => void waiting.push(promise) }, tenant, notices, now);
  return { calls, offer, settled: () => Promise.all(waiting) };
}

describe("priority notices", () => {
  it("are errors and security alerts, or everything of an urgent request", () => {
    const events = [
      event("session_start"),
      event("error", { message: "boom", fatal: true }),
      event("security_alert", { rule: "bypass", severity: "critical" }),
    ];
    expect(noticesOf(events, false, NOW)).toMatchObject([
      { event_type: "error", title: "boom", severity: "high", user_id: "u", repo: "r" },
      { event_type: "security_alert", title: "bypass", severity: "critical" },
    ]);
    expect(noticesOf(events, true, NOW)).toHaveLength(3);
    expect(noticesOf([event("error", { message: "x".repeat(500) })], false, NOW)[0]?.title).toHaveLength(200);
  });

  it("are news: nothing older than the live view, whatever its request says", () => {
    const old = { ...event("error"), timestampMs: NOW - LIVE_RANGE_MS - 1 };
    const recent = { ...event("error"), timestampMs: NOW - LIVE_RANGE_MS };
    expect(noticesOf([old, recent], true, NOW)).toHaveLength(1);
  });

  it("go out at once, then coalesced: two calls a second at most", async () => {
    const { calls, offer, settled } = world();
    const notices = noticesOf([event("error")], false, NOW);
    for (let i = 0; i < 20; i++) offer(notices);
    expect(calls.map((call) => call.length)).toEqual([1]);
    await settled();
    expect(calls.map((call) => call.length)).toEqual([1, 19]);
  });

  it("are bounded in a storm, and the rest travels with the pack", async () => {
    const { calls, offer, settled } = world();
    const storm = noticesOf(
      Array.from({ length: 1_000 }, () => event("error")),
      false,
      NOW,
    );
    for (let i = 0; i < 5; i++) offer(storm);
    await settled();
    expect(calls.map((call) => call.length)).toEqual([100, 100]);
  });

  it("never fail a request", async () => {
    const waiting: Promise<unknown>[] = [];
    const gate = new NoticeGate(() => Promise.reject(new Error("evicted")));
    gate.offer(
      env,
      { waitUntil: (promise) => void waiting.push(promise) },
      tenant,
      noticesOf([event("error")], false, NOW),
      1,
    );
    await expect(Promise.all(waiting)).resolves.toBeDefined();
  });
});
