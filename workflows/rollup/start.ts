/**
 * Starts the rollup Workflow of each region when something is due. Called by the cron every minute. The instance's id is the
 * region and the scheduled minute, so a cron that fires twice starts one; a minute that is missed is made up for by the next,
 * because what is due is looked up. Never throws.
 */

import { MINUTE_MS } from "../../schema/limits.ts";
import type { StorageRegion } from "../../schema/pack.ts";
import type { Look, RollupParams } from "../../schema/rollup.ts";
import { type ClickHouseRun, clickHouseRun } from "../../workers/shared/clickhouse-run.ts";
import { type Env, readConfig } from "../../workers/shared/env.ts";
import { errorText, log } from "../../workers/shared/log.ts";
import { rollupBinding } from "../../workers/shared/rollup-binding.ts";
import { MAX_HOURS_IN_FLIGHT, planJobs } from "../../workers/shared/rollup-plan.ts";
import { dayStates, hourStates, hoursInFlight, scopeOf, serverNow } from "../../workers/shared/rollup-state.ts";
import { planDays } from "./days.ts";

/** Every minute looks at hours touched or attempted lately, the first of an hour at those of days, the first of a UTC day at all. */
const DAYS_EVERY_MINUTES = 60;
const ALL_EVERY_MINUTES = 24 * 60;

function lookOf(minute: number): Look {
  if (minute % ALL_EVERY_MINUTES === 0) return "all";
  return minute % DAYS_EVERY_MINUTES === 0 ? "days" : "recent";
}

/** Starts what is due; the ids of new instances. */
export async function startRollups(env: Env, scheduledTime: number): Promise<string[]> {
  const minute = Math.floor(scheduledTime / MINUTE_MS);
  const look = lookOf(minute);
  const started: string[] = [];
  for (const region of ["us", "eu"] as const) {
    try {
      if (!(await isAnythingDue(clickHouseRun(readConfig(env).clickhouse[region]), look))) continue;
      const id = `${region}-${minute}`;
      if (await startRollup(env, region, id, { region, look })) started.push(id);
    } catch (error) {
      log.error("rollup_start_failed", { region, cause: errorText(error) });
    }
  }
  return started;
}

/** Starts an instance; false when there is one of this id. */
async function startRollup(env: Env, region: StorageRegion, id: string, params: RollupParams): Promise<boolean> {
  const created = await rollupBinding(env, region).createBatch([{ id, params }]);
  return created.length > 0;
}

async function isAnythingDue(run: ClickHouseRun, look: Look): Promise<boolean> {
  const clock = await serverNow(run);
  if (!clock.ok) throw new Error(`ClickHouse: ${clock.reason}`);
  const now = clock.value;
  const scope = scopeOf(look, now);
  const busy = await hoursInFlight(run, now);
  if (!busy.ok) throw new Error(`ClickHouse: ${busy.reason}`);
  if (busy.value >= MAX_HOURS_IN_FLIGHT) return false;
  const hours = await hourStates(run, scope, now);
  if (!hours.ok) throw new Error(`ClickHouse: ${hours.reason}`);
  if (planJobs(hours.value, now, 1).length > 0) return true;
  const days = await dayStates(run, scope);
  if (!days.ok) throw new Error(`ClickHouse: ${days.reason}`);
  return planDays(days.value, now).length > 0;
}
