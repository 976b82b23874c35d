/**
 * Status of a tenant's hours, and the plans made from it: one per region, because each region rolls up on its own. Called by the
 * handlers of everything over time. A status is kept some seconds per isolate; it says only which hours are rolled up.
 */
import { z } from "zod";
import { DAY_MS, SECOND_MS } from "../../../schema/limits.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import { type ReadTenant, type TenantAccess, type TenantQuery, tenantQuery } from "../../shared/clickhouse-read.ts";
import { sql } from "../../shared/sql.ts";
import { tenantDays, tenantHours } from "../../shared/tenant-rollups.ts";
import { iso, type Range } from "../range.ts";
import { DecimalSchema, RangeSchema } from "./columns.ts";
import {
  completeUntil,
  type DayStatus,
  type Needs,
  type Plan,
  planSources,
  type Segment,
  SOURCES,
  type Source,
  sourcesOf,
} from "./source.ts";

/** One row per UTC day with events; bit n of a mask is the hour that starts n hours into the day. */
export const statusQuery = tenantQuery({
  name: "status",
  input: z.object({ range: RangeSchema }),
  row: z.object({ at: DecimalSchema, touched: z.number(), done: z.number(), dirty: z.number(), rolled: z.number() }),
  sql: (access, { range }) => sql`
SELECT
  toString(toUnixTimestamp(start)) AS at,
  groupBitOr(bit) AS touched,
  groupBitOr(if(hours.generation > 0, bit, 0)) AS done,
  groupBitOr(if(hours.touched_at > hours.watermark, bit, 0)) AS dirty,
  toUInt8(max(day_generation) > 0 AND max(hours.generation) <= max(day_generation)) AS rolled
FROM (
  SELECT *, toStartOfDay(hour, 'UTC') AS start, bitShiftLeft(toUInt32(1), toHour(hour, 'UTC')) AS bit
  FROM ${tenantHours(access, range)}
) AS hours
LEFT JOIN ${tenantDays(access, range)} AS days ON days.day = hours.start
GROUP BY start`,
});

/** Where the rows are and how to ask: the part of a permitted request that planning needs. */
export interface Asking {
  read: ReadTenant;
  regions: readonly StorageRegion[];
  access: TenantAccess;
}

export interface Planned {
  /** One per region, in the order of the regions. */
  plans: Plan[];
  /** What the answer says about where its figures come from. */
  provenance: { sources: Source[]; stale_hours: string[]; complete_until: string };
}

/** Plans for `range` in every region of the tenant. `now`: ms. */
export async function planRegions(asking: Asking, range: Range, needs: Needs, now: number): Promise<Planned> {
  const plans = await Promise.all(
    asking.regions.map(async (region) => {
      const days = needs.rollups ? await statusOf(asking, region, range, now) : [];
      return planSources(days, range, needs, now);
    }),
  );
  const used = new Set(plans.flatMap(sourcesOf));
  const stale = [...new Set(plans.flatMap(({ staleHours }) => staleHours))].sort((a, b) => a - b);
  return {
    plans,
    provenance: {
      sources: SOURCES.filter((source) => used.has(source)),
      stale_hours: stale.map(iso),
      complete_until: iso(completeUntil(plans, range, now)),
    },
  };
}

/** Runs a query in every region at the same time, each over its own segments. One that fails fails the whole. */
export async function readPlanned<Input, Row>(
  { read, regions, access }: Asking,
  { plans }: Planned,
  query: TenantQuery<Input & { segments: Segment[] }, Row>,
  input: Input,
): Promise<Row[][]> {
  return await Promise.all(
    regions.map((region, i) => read(region, query, access, { ...input, segments: plans[i]?.segments ?? [] })),
  );
}

/** A status this old is still good: a late event shows this much later. */
const STATUS_KEPT_MS = 3 * SECOND_MS;
/** Statuses one isolate remembers; the oldest go. */
const STATUSES_KEPT = 500;

interface Kept {
  until: number;
  days: DayStatus[];
}

/** By reader, so that nothing is shared between configurations. */
const statuses = new WeakMap<ReadTenant, Map<string, Kept>>();

async function statusOf(asking: Asking, region: StorageRegion, range: Range, now: number): Promise<DayStatus[]> {
  const { read, access } = asking;
  const from = Math.floor(range.from / DAY_MS) * DAY_MS;
  const to = Math.ceil(Math.min(range.to, now + DAY_MS) / DAY_MS) * DAY_MS;
  if (from >= to) return [];
  const kept = statuses.get(read) ?? new Map<string, Kept>();
  statuses.set(read, kept);
  const key = JSON.stringify([region, access.orgId, from, to]);
  const known = kept.get(key);
  if (known !== undefined && now < known.until) return known.days;
  const rows = await read(region, statusQuery, access, { range: { from, to } });
  const days = rows.map(
    ({ at, touched, done, dirty, rolled }): DayStatus => ({
      day: Number(at) * SECOND_MS,
      touched,
      done,
      dirty,
      rolled: rolled === 1,
    }),
  );
  kept.delete(key);
  kept.set(key, { until: now + STATUS_KEPT_MS, days });
  for (const oldest of kept.keys()) {
    if (kept.size <= STATUSES_KEPT) break;
    kept.delete(oldest);
  }
  return days;
}
