/**
 * Rolls up days of one tenant from the done generations of their hours, and writes their reports. Called by workflows/rollup.ts inside
 * a step; safe to repeat, as nobody reads a generation before its 'done'. Events are read for reports only.
 */
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import { OPEN_ALERT_DAYS } from "../../schema/compliance.ts";
import { ingestKeys } from "../../schema/d1/routing.ts";
import { DAY_MS } from "../../schema/limits.ts";
import type { ClickHouseRun, Ran } from "../../workers/shared/clickhouse-run.ts";
import { type DayState, generationOf, isDayDue, MARGIN_MS } from "../../workers/shared/rollup-plan.ts";
import { dayStates, serverNow } from "../../workers/shared/rollup-state.ts";
import { insertReports, type KeyLife } from "./reports.ts";
import { insertDays, insertRuns, type RunRows } from "./statements.ts";

/** Days of one statement: a month of a large tenant is some 100,000 rows of hourly sums. */
export const MAX_DAYS_PER_JOB = 31;

export interface DayJob {
  orgId: string;
  /** Starts of days, ms, ascending. */
  days: number[];
}

/** Days that are due, by tenant; one that failed is alone. Pure. */
export function planDays(states: readonly DayState[], now: number): DayJob[] {
  const jobs: DayJob[] = [];
  const open = new Map<string, DayJob>();
  for (const state of [...states].sort((a, b) => a.day - b.day)) {
    if (!isDayDue(state, now)) continue;
    let job = state.failures > 0 ? undefined : open.get(state.orgId);
    if (job === undefined || job.days.length >= MAX_DAYS_PER_JOB) {
      job = { orgId: state.orgId, days: [] };
      jobs.push(job);
      if (state.failures === 0) open.set(state.orgId, job);
    }
    job.days.push(state.day);
  }
  return jobs;
}

export interface DayResult {
  days: number;
  failed: number;
  reason: string;
}

/** Where a tenant's keys are read. */
export type ReadKeys = (orgId: string) => Promise<KeyLife[]>;

export function readKeys(database: D1Database): ReadKeys {
  return async (orgId) => {
    const { createdAt, expiresAt, revokedAt } = ingestKeys;
    const rows = await drizzle(database)
      .select({ createdAt, expiresAt, revokedAt })
      .from(ingestKeys)
      .where(eq(ingestKeys.orgId, orgId));
    return rows.map((row) => ({
      createdAt: row.createdAt.getTime(),
      expiresAt: row.expiresAt?.getTime() ?? null,
      revokedAt: row.revokedAt?.getTime() ?? null,
    }));
  };
}

/** Runs a job; its days end as done, or as failed with a code. Rejects when the keys cannot be read. */
export async function runDayJob(
  run: ClickHouseRun,
  job: DayJob,
  keys: ReadKeys,
  random: () => number,
): Promise<DayResult> {
  const clock = await serverNow(run);
  if (!clock.ok) return { days: 0, failed: job.days.length, reason: clock.reason };
  // The generation is drawn before the states are read: an hour that is done in between is then newer than the day.
  const generation = generationOf(clock.value, random());
  const scope = { orgId: job.orgId, from: Math.min(...job.days), to: Math.max(...job.days) + DAY_MS };
  const states = await dayStates(run, scope);
  if (!states.ok) return { days: 0, failed: job.days.length, reason: states.reason };
  const due = states.value.filter((state) => job.days.includes(state.day) && isDayDue(state, clock.value));
  const days = due.map(({ day }) => day).sort((a, b) => a - b);
  if (days.length === 0) return { days: 0, failed: 0, reason: "" };
  const attempt: Omit<RunRows, "state"> = {
    orgId: job.orgId,
    kind: "day",
    buckets: days,
    generations: [generation],
    watermark: clock.value - MARGIN_MS,
  };
  const claimed = await run.command(insertRuns({ ...attempt, state: "started" }));
  const computed = claimed.ok
    ? await compute(run, job.orgId, days, generation, await keys(job.orgId), clock.value)
    : claimed;
  const noted = await run.command(
    insertRuns(computed.ok ? { ...attempt, state: "done" } : { ...attempt, state: "failed", error: computed.reason }),
  );
  const outcome = computed.ok ? noted : computed;
  return outcome.ok
    ? { days: days.length, failed: 0, reason: "" }
    : { days: 0, failed: days.length, reason: outcome.reason };
}

async function compute(
  run: ClickHouseRun,
  orgId: string,
  days: readonly number[],
  generation: string,
  keys: readonly KeyLife[],
  now: number,
): Promise<Ran<undefined>> {
  const inserted = await run.command(insertDays(orgId, days, generation));
  if (!inserted.ok) return inserted;
  // Alerts of a day stay open for 30: the reports of the days after it count them too.
  const reported = new Set<number>();
  for (const day of days) {
    for (let n = 0; n < OPEN_ALERT_DAYS; n++) {
      if (day + (n + 1) * DAY_MS <= now) reported.add(day + n * DAY_MS);
    }
  }
  const list = [...reported].sort((a, b) => a - b);
  return await run.command(insertReports({ orgId, days: list, fresh: days, generation, keys }));
}
