/** The live object and ClickHouse: a rebuild makes it agree with `events FINAL`; sealed windows arrive in window_metrics. */

import { runDurableObjectAlarm } from "cloudflare:test";
import { zstdCompressSync } from "node:zlib";
import { afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { z } from "zod";
import { rebuildTenant } from "../../../queues/live-rebuild.ts";
import { markStale, staleTenants } from "../../../queues/live-stale.ts";
import { HOUR_MS, MINUTE_MS } from "../../../schema/limits.ts";
import { clickHouseInsert } from "../../../workers/shared/clickhouse-insert.ts";
import { clickHouseRead } from "../../../workers/shared/clickhouse-read.ts";
import { applyOf, type LiveEvent, liveEvent } from "../../support/frames.ts";
import { countsByType, env, freshObject, grant, setClock, snapshotOf, T0, totalsByType } from "./world.ts";

const url = inject("clickHouseUrl");
const target = { url, database: "us", user: "default", password: "" };
const clickhouse = { us: target, eu: { ...target, database: "eu" } };
const realFetch = fetch;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** A name no other run has used: the database outlives a test. */
const uniqueOrg = (name: string): string => `${name}_${crypto.randomUUID().slice(0, 8)}`;

async function store(org: string, events: readonly LiveEvent[], region: "us" | "eu" = "us"): Promise<void> {
  const rows = events.map((event) => ({
    org_id: org,
    event_type: event.type ?? "code_generated",
    timestamp: event.time,
    event_id: event.id,
    user_id: event.user ?? "ada",
    session_id: event.session ?? "s1",
    team_id: event.team ?? "",
    environment: "production",
    region,
    received_at: Math.min(event.time, T0),
    agent: "claude-code",
    model: event.model ?? "",
    lines_added: event.measures?.lines_added ?? 0,
    cost_nano_usd: event.measures?.cost_nano_usd ?? null,
    _ver: 1,
  }));
  const body = zstdCompressSync(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  expect(await clickHouseInsert(clickhouse[region])([body])).toEqual({ kind: "ok" });
}

async function query<T>(text: string, row: z.ZodType<T>): Promise<T[]> {
  const response = await realFetch(`${url}?database=us&query=${encodeURIComponent(`${text} FORMAT JSONEachRow`)}`);
  const body = await response.text();
  if (!response.ok) throw new Error(body);
  return body
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => row.parse(JSON.parse(line)));
}

describe("a rebuild", () => {
  beforeAll(() => setClock(T0));

  it("adds exactly what the object missed: near, late, skewed, both regions, more than a page; twice is once", async () => {
    setClock(T0);
    const { name: object, live } = freshObject();
    const org = uniqueOrg(object);
    const many = Array.from({ length: 9_000 }, (_, i) =>
      liveEvent(T0 - 30_000 + (i % 3), { session: `s${i % 9}`, measures: { lines_added: 2 } }),
    );
    const late = Array.from({ length: 20 }, (_, i) => liveEvent(T0 - 90 * MINUTE_MS + i, { type: "error" }));
    const ahead = Array.from({ length: 10 }, (_, i) => liveEvent(T0 + 23 * HOUR_MS + i, { type: "pr_created" }));
    const sealed = [liveEvent(T0 - 5 * HOUR_MS, { type: "error" })];
    const cost = [liveEvent(T0 - MINUTE_MS, { type: "cost_incurred", measures: { cost_nano_usd: 7 } })];
    await store(org, [...many, ...late, ...ahead, ...sealed]);
    await store(org, cost, "eu");
    await live.apply(applyOf([many.slice(0, 500), ahead.slice(0, 3)], org));
    const read = clickHouseRead({ clickhouse });
    const tenant = { orgId: org, jurisdiction: "us" } as const;
    expect(await rebuildTenant({ read, live }, tenant, "global", T0)).toBe(8_500 + 20 + 7 + 1);
    expect(await rebuildTenant({ read, live }, tenant, "global", T0)).toBe(0);
    const { windows } = await live.history(grant(), {}, T0 - 3 * HOUR_MS, T0 + HOUR_MS);
    expect(countsByType(windows)).toEqual({ code_generated: 9_000, error: 20, pr_created: 10, cost_incurred: 1 });
    expect(totalsByType((await snapshotOf(live)).windows, "lines_added")).toMatchObject({ code_generated: 18_000 });
    expect(totalsByType((await snapshotOf(live)).windows, "cost_nano_usd")).toMatchObject({ cost_incurred: 7 });
  });

  it("is due a minute after a mark, and clears only the marks it was listed with", async () => {
    vi.useRealTimers();
    const tenant = { orgId: uniqueOrg("ørg/1"), jurisdiction: "us" } as const;
    const mine = async (now: number) =>
      (await staleTenants(env, now)).filter((stale) => stale.tenant.orgId === tenant.orgId);
    await markStale(env, tenant, "global", Date.now());
    expect(await mine(Date.now())).toEqual([]);
    const [stale] = await mine(Date.now() + 61_000);
    expect(stale).toMatchObject({ tenant, residency: "global" });
    await markStale(env, tenant, "global", Date.now());
    await stale?.clear();
    expect(await mine(Date.now() + 61_000)).toHaveLength(1);
  });
});

describe("window_metrics", () => {
  it("takes the object's sealed windows, and a final row stands beside them under a generation of its own", async () => {
    setClock(T0);
    const { name, live, stub } = freshObject();
    vi.stubGlobal("fetch", (input: RequestInfo | URL, init?: RequestInit) =>
      realFetch(
        String(input).replace("http://us.invalid/?", `${url}?`).replace("database=tenfold", "database=us"),
        init,
      ),
    );
    await snapshotOf(live);
    setClock(T0 + MINUTE_MS);
    await live.apply(
      applyOf([
        [1, 2, 3].map((n) =>
          liveEvent(T0 + MINUTE_MS, { team: "red", measures: { lines_added: n, cost_nano_usd: 1e15 } }),
        ),
      ]),
    );
    setClock(T0 + 3 * MINUTE_MS);
    await runDurableObjectAlarm(stub);
    setClock(T0 + 3 * HOUR_MS);
    await runDurableObjectAlarm(stub);
    const Row = z.object({
      at: z.number(),
      events: z.coerce.number(),
      lines: z.coerce.number(),
      cost: z.coerce.number(),
      source: z.number(),
    });
    const select = `SELECT toUnixTimestamp(window_start) AS at, events, lines_added AS lines, cost_nano_usd AS cost, source
      FROM window_metrics FINAL WHERE org_id = '${name}'`;
    const live0 = { at: (T0 + MINUTE_MS) / 1_000, events: 3, lines: 6, cost: 3e15, source: 0 };
    expect(await query(select, Row)).toEqual([live0]);
    const insert = `INSERT INTO window_metrics (org_id, window_start, window_seconds, event_type, team_id, agent, environment, events, source, generation)
      VALUES ('${name}', ${live0.at}, 10, 'code_generated', 'red', 'claude-code', 'production', 4, 1, 1)`;
    const response = await realFetch(`${url}?database=us`, { method: "POST", body: insert });
    expect(await response.text()).toBe("");
    expect(await query(`${select} ORDER BY generation`, Row)).toMatchObject([live0, { events: 4, source: 1 }]);
  });
});
