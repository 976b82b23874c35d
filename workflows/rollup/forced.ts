/**
 * A forced run's hours: every hour with events of a range, in pages, newest first; and running jobs a few at a time. Called by
 * workflows/rollup.ts.
 */

import { DAY_MS } from "../../schema/limits.ts";
import type { RollupParams } from "../../schema/rollup.ts";
import type { ClickHouseRun } from "../../workers/shared/clickhouse-run.ts";
import type { HourJob } from "../../workers/shared/rollup-plan.ts";
import { hourStates } from "../../workers/shared/rollup-state.ts";

/** Jobs at a time: a Worker has six connections, and ClickHouse other work. */
const PARALLEL = 3;
/** Hours of one page; a step's result holds 1 MiB, an hour 15 bytes. */
const PAGE_HOURS = 10_000;

export interface HourPage {
  jobs: HourJob[];
  /** Why it could not be planned; empty when it could. */
  reason: string;
  /** Hours before it are still to be planned. */
  cursor?: number;
}

export async function planForced(
  run: ClickHouseRun,
  force: NonNullable<RollupParams["force"]>,
  cursor: number | undefined,
  now: number,
): Promise<HourPage> {
  const scope = { orgId: force.org_id, from: force.from, to: cursor ?? force.to };
  const states = await hourStates(run, scope, now, "all");
  if (!states.ok) return { jobs: [], reason: states.reason };
  const jobs = new Map<string, HourJob>();
  let taken = 0;
  let last: number | undefined;
  for (const { orgId, hour } of states.value) {
    // A page ends between two hours, never inside one.
    if (taken >= PAGE_HOURS && hour !== last) return { jobs: [...jobs.values()], reason: "", cursor: last ?? hour };
    const key = `${orgId}\n${Math.floor(hour / DAY_MS)}`;
    const job = jobs.get(key) ?? { orgId, hours: [], sessionsOnly: false };
    job.hours.unshift(hour);
    jobs.set(key, job);
    last = hour;
    taken++;
  }
  return { jobs: [...jobs.values()], reason: "" };
}

/** Runs `work` on each item, some at a time, in order. */
export async function inParallel<T>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  for (let at = 0; at < items.length; at += PARALLEL) {
    await Promise.all(items.slice(at, at + PARALLEL).map((item, n) => work(item, at + n)));
  }
}
