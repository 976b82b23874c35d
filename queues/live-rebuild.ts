/**
 * Brings the live objects of stale tenants up to date: every event of the unsealed range, as ClickHouse has it, goes to the
 * object once more. Called by the cron, never by the batch consumer. Identity decides in the object, so a rebuild adds what
 * is missing and can run beside applies, twice, or be cut short.
 */
import { z } from "zod";
import { type TenantRef, tenantLive } from "../durable-objects/tenant-namespace.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../schema/limits.ts";
import { WINDOW_MS } from "../schema/live.ts";
import type { Residency, StorageRegion } from "../schema/pack.ts";
import { RPC_VERSION, type TenantLiveRpc } from "../schema/rpc.ts";
import {
  clickHouseRead,
  type ReadTenant,
  storageRegions,
  type TenantAccess,
  tenantEvents,
  tenantQuery,
} from "../workers/shared/clickhouse-read.ts";
import { type Env, readConfig } from "../workers/shared/env.ts";
import { errorText, log } from "../workers/shared/log.ts";
import { param, sql } from "../workers/shared/sql.ts";
import { staleTenants } from "./live-stale.ts";
import { EventSumsSchema, frameOfRows } from "./rebuild-frame.ts";

/** Windows seal 2 h after their end (durable-objects/tenant-live/windows.ts); a minute more does no harm. */
const UNSEALED_MS = 2 * HOUR_MS + MINUTE_MS;
/** Events may be dated a day ahead, and a little. */
const AHEAD_MS = DAY_MS + MINUTE_MS;
/** Rows of one query, one frame at most each 1,000: a few MB with the longest names. */
const PAGE_ROWS = 4_000;
const FRAME_ROWS = 1_000;

const PageInputSchema = z.object({
  from: z.number(),
  to: z.number(),
  after: z.object({ timestamp: z.number(), event_type: z.string(), event_id: z.string() }).optional(),
  limit: z.number().int(),
});

const time = (ms: number) => param("DateTime64(3, 'UTC')", ms);

const eventsPage = tenantQuery({
  name: "live_rebuild_page",
  input: PageInputSchema,
  row: EventSumsSchema,
  sql: (access, { from, to, after, limit }) => {
    const inRange = [sql`timestamp >= ${time(from)}`, sql`timestamp < ${time(to)}`];
    const place =
      after &&
      sql`(timestamp, event_type, event_id) > (
      ${time(after.timestamp)}, ${param("String", after.event_type)}, toUUID(${param("String", after.event_id)}))`;
    return sql`
SELECT
  event_type,
  toString(event_id) AS id,
  toFloat64(toUnixTimestamp64Milli(timestamp)) AS time,
  session_id, user_id, team_id, agent, repo, branch, environment, model,
  toFloat64(ifNull(cost_nano_usd, 0)) AS cost_nano_usd,
  toFloat64(input_tokens) AS input_tokens,
  toFloat64(output_tokens) AS output_tokens,
  toFloat64(cache_read_tokens) AS cache_read_tokens,
  toFloat64(cache_write_tokens) AS cache_write_tokens,
  toFloat64(lines_added) AS lines_added,
  toFloat64(lines_removed) AS lines_removed,
  toFloat64(ifNull(accepted, false)) AS accepted,
  if(cost_source = 'unpriced',
    toFloat64(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens), 0) AS unpriced_tokens
FROM ${tenantEvents(access, place === undefined ? inRange : [...inRange, place])} AS page
ORDER BY page.timestamp, event_type, event_id
LIMIT ${param("UInt32", limit)}`;
  },
});

const eventsByMinute = tenantQuery({
  name: "live_rebuild_minutes",
  input: z.object({ from: z.number(), to: z.number() }),
  row: z.object({ minute: z.number(), events: z.number() }),
  sql: (access, { from, to }) => sql`
SELECT toFloat64(toUnixTimestamp(toStartOfMinute(timestamp))) * 1000 AS minute, toFloat64(count()) AS events
FROM ${tenantEvents(access, [sql`timestamp >= ${time(from)}`, sql`timestamp < ${time(to)}`])}
GROUP BY minute
ORDER BY minute`,
});

/** Ranges [from, to) that hold the minutes with events, neighbours together while they fit one page. */
export function slices(minutes: readonly { minute: number; events: number }[], max: number): [number, number][] {
  const ranges: [number, number][] = [];
  let held = 0;
  for (const { minute, events } of minutes) {
    const last = ranges.at(-1);
    if (last !== undefined && held + events < max) {
      last[1] = minute + MINUTE_MS;
      held += events;
    } else {
      ranges.push([minute, minute + MINUTE_MS]);
      held = events;
    }
  }
  return ranges;
}

/** What a rebuild needs: a reader of one region, and the tenant's object. */
export interface RebuildParts {
  read: ReadTenant;
  live: Pick<TenantLiveRpc, "rebuild">;
}

/** Rebuilds one tenant; the number of events the object had missed. Rejects when ClickHouse or the object does. */
export async function rebuildTenant(
  parts: RebuildParts,
  tenant: TenantRef,
  residency: Residency,
  now: number,
): Promise<number> {
  const from = Math.floor((now - UNSEALED_MS) / WINDOW_MS) * WINDOW_MS;
  const to = now + AHEAD_MS;
  const access: TenantAccess = { orgId: tenant.orgId, rows: { kind: "org" } };
  let added = 0;
  for (const region of storageRegions(residency)) {
    const minutes = await parts.read(region, eventsByMinute, access, { from, to });
    for (const [start, end] of slices(minutes, PAGE_ROWS)) {
      added += await rebuildSlice(parts, access, residency, region, Math.max(start, from), end);
    }
  }
  await parts.live.rebuild({ v: RPC_VERSION, org_id: tenant.orgId, packs: [], residency, from, to, last: true });
  return added;
}

async function rebuildSlice(
  { read, live }: RebuildParts,
  access: TenantAccess,
  residency: Residency,
  region: StorageRegion,
  from: number,
  to: number,
): Promise<number> {
  const { orgId } = access;
  let added = 0;
  let after: z.infer<typeof PageInputSchema>["after"];
  for (;;) {
    const rows = await read(region, eventsPage, access, { from, to, ...(after ? { after } : {}), limit: PAGE_ROWS });
    const packs = [];
    for (let i = 0; i < rows.length; i += FRAME_ROWS) {
      const frame = frameOfRows(orgId, rows.slice(i, i + FRAME_ROWS));
      packs.push({ pack_id: `rebuild-${from}-${i}`, received_at: from, frame });
    }
    if (packs.length > 0) {
      const result = await live.rebuild({ v: RPC_VERSION, org_id: orgId, packs, residency, from, to, last: false });
      added += result.applied;
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE_ROWS) return added;
    after = { timestamp: last.time, event_type: last.event_type, event_id: last.id };
  }
}

/** Rebuilds every stale tenant; how many. One that fails stays marked, for the next run. Never throws. */
export async function rebuildStale(env: Env, now: number): Promise<number> {
  let rebuilt = 0;
  try {
    const read = clickHouseRead(readConfig(env));
    for (const { tenant, residency, clear } of await staleTenants(env, now)) {
      try {
        const added = await rebuildTenant({ read, live: tenantLive(env, tenant) }, tenant, residency, now);
        await clear();
        rebuilt++;
        log.info("live_rebuilt", { org_id: tenant.orgId, added });
      } catch (error) {
        log.error("live_rebuild_failed", { org_id: tenant.orgId, cause: errorText(error) });
      }
    }
  } catch (error) {
    log.error("live_rebuild_failed", { cause: errorText(error) });
  }
  return rebuilt;
}
