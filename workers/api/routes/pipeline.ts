/**
 * GET /api/v1/settings/pipeline: what of the tenant's history waits, runs or failed in each of its regions. For managers and admins: it
 * holds times and counts of the organisation, nothing of anybody. Backlogs of queues are shared by all tenants and not shown.
 */
import { z } from "zod";
import { ORG_QUERY } from "../../../schema/api/filters.ts";
import { MAX_FAILURES, PipelineAnswerSchema, type PipelineRegion } from "../../../schema/api/pipeline.ts";
import { PublicError } from "../../../schema/errors.ts";
import type { StorageRegion } from "../../../schema/pack.ts";
import { type ClickHouseRun, clickHouseRun, type Ran } from "../../shared/clickhouse-run.ts";
import { readConfig } from "../../shared/env.ts";
import { STALE_PREFIX } from "../../shared/live-stale.ts";
import { CLAIM_MS, type DayState, type HourState, isDayDue, isDirty, nextTry } from "../../shared/rollup-plan.ts";
import { dayStates, hourStates, lastRun, serverNow } from "../../shared/rollup-state.ts";
import { bucketOf } from "../../shared/stored-packs.ts";
import { iso } from "../range.ts";
import { defineRoute } from "../route.ts";

export const pipelineRoute = defineRoute({
  method: "get",
  path: "/api/v1/settings/pipeline",
  permission: "metrics:read",
  scope: "team",
  reads: "configuration",
  summary: "How far history is behind the events, by region, and what failed",
  tags: ["settings"],
  query: z.strictObject(ORG_QUERY),
  answer: PipelineAnswerSchema,
  handler: async ({ c, principal, regions }) => {
    const { org_id: orgId, jurisdiction, residency } = principal;
    const { clickhouse } = readConfig(c.env);
    const bucket = bucketOf(c.env, { region: jurisdiction, residency });
    const marks = bucket.list({ prefix: `${STALE_PREFIX}${encodeURIComponent(orgId)}/`, limit: 1 });
    return {
      org_id: orgId,
      regions: await Promise.all(regions.map((region) => regionOf(clickHouseRun(clickhouse[region]), region, orgId))),
      live_stale: (await marks).objects.length > 0,
    };
  },
});

async function regionOf(run: ClickHouseRun, region: StorageRegion, orgId: string): Promise<PipelineRegion> {
  const now = must(await serverNow(run));
  const [hours, days, last] = await Promise.all([
    hourStates(run, { orgId }, now),
    dayStates(run, { orgId }),
    lastRun(run, orgId),
  ]);
  return describe(region, must(hours), must(days), must(last), now);
}

/** The region's answer from its states. Pure. */
export function describe(
  region: StorageRegion,
  hours: readonly HourState[],
  days: readonly DayState[],
  last: number | undefined,
  now: number,
): PipelineRegion {
  const waiting = hours.filter(isDirty);
  const oldest = waiting.at(-1);
  const failed = [
    ...hours.map((state) => ({ ...state, kind: "hour" as const, start: state.hour })),
    ...days.map((state) => ({ ...state, kind: "day" as const, start: state.day })),
  ].filter(({ failures }) => failures > 0);
  return {
    region,
    last_run: last === undefined ? null : iso(last),
    waiting_hours: waiting.length,
    oldest_waiting_hour: oldest === undefined ? null : iso(oldest.hour),
    running_hours: hours.filter(({ runningSince }) => now - runningSince < CLAIM_MS).length,
    waiting_days: days.filter((state) => isDayDue(state, now)).length,
    lag_seconds: Math.max(0, ...waiting.map(({ touchedAt }) => (now - touchedAt) / 1_000)),
    failed_count: failed.length,
    failed: failed.slice(0, MAX_FAILURES).map(({ kind, start, error, failures, failedAt }) => ({
      kind,
      start: iso(start),
      reason: error,
      attempts: failures,
      next_try: iso(Math.max(nextTry({ failures, failedAt }), now)),
    })),
  };
}

function must<T>(ran: Ran<T>): T {
  if (ran.ok) return ran.value;
  throw new PublicError("unavailable", "the database cannot be reached, please retry", {
    retryAfter: 2,
    cause: new Error(`pipeline: ${ran.reason}`),
  });
}
