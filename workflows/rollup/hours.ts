/**
 * Recomputes the hours of one job: counts, claims, inserts a new generation, marks it done, then brings sessions up to it. Called by
 * workflows/rollup.ts inside a step; safe to repeat at any point, because nobody reads a generation before its 'done'. A failure of
 * ClickHouse is recorded with its code and is no error of the step: a later run tries again.
 */
import { z } from "zod";
import { DAY_MS, HOUR_MS } from "../../schema/limits.ts";
import type { ClickHouseRun, Ran } from "../../workers/shared/clickhouse-run.ts";
import {
  CLAIM_MS,
  DEADLINE_MS,
  dueOf,
  generationOf,
  type HourJob,
  type HourState,
  MARGIN_MS,
  slicesOf,
} from "../../workers/shared/rollup-plan.ts";
import { hourStates, serverNow, time } from "../../workers/shared/rollup-state.ts";
import { param, type Sql, sql } from "../../workers/shared/sql.ts";
import {
  deleteLostSessions,
  insertHours,
  insertRuns,
  insertSessionHours,
  insertSessions,
  insertWindows,
  moments,
  type RunRows,
} from "./statements.ts";

/** Windows live 7 days; an hour nearer to that than this would lose them while it is written. */
const WINDOWS_MAX_AGE_MS = 7 * DAY_MS - HOUR_MS;

/** What a job did. */
export interface HourResult {
  hours: number;
  /** Events they were computed from, repeats included. */
  rows: number;
  failed: number;
  reason: string;
}

const NOTHING: HourResult = { hours: 0, rows: 0, failed: 0, reason: "" };

export interface JobOptions {
  /** Recompute the hours whatever their state is. */
  forced: boolean;
  random: () => number;
}

/** Runs a job; its hours end as done, or as failed with a code. Rejects only for a fault of ours. */
export async function runHourJob(run: ClickHouseRun, job: HourJob, options: JobOptions): Promise<HourResult> {
  const clock = await serverNow(run);
  // Nothing is known and nothing was begun: the next cron plans afresh.
  if (!clock.ok) return { ...NOTHING, failed: job.hours.length, reason: clock.reason };
  const now = clock.value;
  const states = await statesOf(run, job, now);
  if (!states.ok) return { ...NOTHING, failed: job.hours.length, reason: states.reason };
  if (job.sessionsOnly) return await bringSessions(run, job.orgId, behind(states.value));
  const hours = states.value.filter((state) => options.forced || dueOf(state, now) === "hour").map(({ hour }) => hour);
  if (hours.length === 0) return NOTHING;

  const generation = generationOf(now, options.random());
  const attempt: Omit<RunRows, "state"> = {
    orgId: job.orgId,
    kind: "hour",
    buckets: hours.sort((a, b) => a - b),
    generations: [generation],
    watermark: now - MARGIN_MS,
  };
  const counted = await countEvents(run, job.orgId, hours);
  const claimed = await run.command(insertRuns({ ...attempt, state: "started" }));
  const computed = !counted.ok ? counted : claimed.ok ? await compute(run, attempt, counted.value, now) : claimed;
  if (!computed.ok) {
    await run.command(insertRuns({ ...attempt, state: "failed", error: computed.reason }));
    return { ...NOTHING, failed: hours.length, reason: computed.reason };
  }
  const sessions = await bringSessions(
    run,
    job.orgId,
    hours.map((hour) => ({ hour, done: generation })),
  );
  const rows = hours.reduce((sum, hour) => sum + (computed.value.get(hour) ?? 0), 0);
  return { hours: hours.length, rows, failed: sessions.failed, reason: sessions.reason };
}

async function statesOf(run: ClickHouseRun, job: HourJob, now: number): Promise<Ran<HourState[]>> {
  const scope = { orgId: job.orgId, from: Math.min(...job.hours), to: Math.max(...job.hours) + HOUR_MS };
  const states = await hourStates(run, scope, now, "all");
  return states.ok ? { ok: true, value: states.value.filter(({ hour }) => job.hours.includes(hour)) } : states;
}

const behind = (states: readonly HourState[]): { hour: number; done: string }[] =>
  states.filter(({ done, sessionsDone }) => BigInt(sessionsDone) < BigInt(done));

const CountSchema = z.object({ at: z.coerce.number(), events: z.coerce.number() });

/** Stored rows of each hour, repeats included: an upper bound that needs no merge. */
async function countEvents(
  run: ClickHouseRun,
  orgId: string,
  hours: readonly number[],
): Promise<Ran<Map<number, number>>> {
  const counts = await run.rows(
    sql`
SELECT toUnixTimestamp(toDateTime(toStartOfHour(timestamp, 'UTC'))) * 1000 AS at, count() AS events
FROM events
WHERE org_id = ${param("String", orgId)}
  AND timestamp >= ${time(Math.min(...hours))} AND timestamp < ${time(Math.max(...hours) + HOUR_MS)}
  AND has(${moments(hours)}, toStartOfHour(timestamp, 'UTC'))
GROUP BY at`,
    CountSchema,
  );
  return counts.ok ? { ok: true, value: new Map(counts.value.map(({ at, events }) => [at, events])) } : counts;
}

/** Inserts the generation and marks it done. */
async function compute(
  run: ClickHouseRun,
  attempt: Omit<RunRows, "state">,
  counts: Map<number, number>,
  startedAt: number,
): Promise<Ran<Map<number, number>>> {
  const { orgId, buckets } = attempt;
  const [generation = "0"] = attempt.generations;
  const withEvents = buckets.filter((hour) => (counts.get(hour) ?? 0) > 0);
  for (const slice of slicesOf(withEvents, (hour) => counts.get(hour) ?? 0)) {
    const statements: Sql<"free">[] = [
      insertHours(orgId, slice, generation),
      insertSessionHours(orgId, slice, generation),
    ];
    if (slice.from > startedAt - WINDOWS_MAX_AGE_MS) statements.push(insertWindows(orgId, slice, generation));
    for (const statement of statements) {
      const ran = await run.command(statement);
      if (!ran.ok) return ran;
    }
  }
  const rows = buckets.map((hour) => counts.get(hour) ?? 0);
  const done = await run.command(
    insertRuns({ ...attempt, state: "done", rows, notAfter: startedAt + Math.min(DEADLINE_MS, CLAIM_MS) }),
  );
  return done.ok ? { ok: true, value: counts } : done;
}

/**
 * Sessions of hours that are done. After 'done', never before it: of two hours of one session computed at a time, whichever looks
 * later then sees both, and its version is the greater.
 */
async function bringSessions(
  run: ClickHouseRun,
  orgId: string,
  hours: readonly { hour: number; done: string }[],
): Promise<HourResult> {
  if (hours.length === 0) return NOTHING;
  const starts = hours.map(({ hour }) => hour);
  const ran = await writeSessions(run, orgId, starts);
  const runs = {
    orgId,
    kind: "session" as const,
    buckets: starts,
    generations: hours.map(({ done }) => done),
    watermark: 0,
  };
  const noted = await run.command(
    insertRuns(ran.ok ? { ...runs, state: "done" } : { ...runs, state: "failed", error: ran.reason }),
  );
  const outcome = ran.ok ? noted : ran;
  return outcome.ok
    ? { ...NOTHING, hours: hours.length }
    : { ...NOTHING, failed: hours.length, reason: outcome.reason };
}

async function writeSessions(run: ClickHouseRun, orgId: string, hours: readonly number[]): Promise<Ran<undefined>> {
  const clock = await serverNow(run);
  if (!clock.ok) return clock;
  const version = generationOf(clock.value, 0);
  const lost = await run.command(deleteLostSessions(orgId, hours, version));
  return lost.ok ? await run.command(insertSessions(orgId, hours, version)) : lost;
}
