/**
 * The rollup Workflow of a region: hours that are due, then days, then pruning. Started by the cron (rollup/start.ts) and by operators.
 * A step returns ids, times and counts of jobs; a failure of ClickHouse is recorded in rollup_runs and tried again by a later
 * instance, so an instance itself fails only by a fault of ours.
 */
import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep, type WorkflowStepConfig } from "cloudflare:workers";
import { type RollupOutcome, type RollupParams, RollupParamsSchema } from "../schema/rollup.ts";
import { type ClickHouseRun, clickHouseRun } from "../workers/shared/clickhouse-run.ts";
import { type Env, readConfig } from "../workers/shared/env.ts";
import { log } from "../workers/shared/log.ts";
import { planJobs } from "../workers/shared/rollup-plan.ts";
import { dayStates, hourStates, scopeOf, serverNow } from "../workers/shared/rollup-state.ts";
import { planDays, readKeys, runDayJob } from "./rollup/days.ts";
import { type HourPage, inParallel, planForced } from "./rollup/forced.ts";
import { runHourJob } from "./rollup/hours.ts";
import { pruneSuperseded } from "./rollup/prune.ts";

const STEP: WorkflowStepConfig = { retries: { limit: 2, delay: "5 seconds" }, timeout: "10 minutes" };

export class RollupWorkflow extends WorkflowEntrypoint<Env, RollupParams> {
  override async run(event: Readonly<WorkflowEvent<RollupParams>>, step: WorkflowStep): Promise<RollupOutcome> {
    const params = RollupParamsSchema.parse(event.payload);
    const run = clickHouseRun(readConfig(this.env).clickhouse[params.region]);
    const outcome: RollupOutcome = { hours: 0, days: 0, events: 0, failed: 0, reasons: [] };
    const add = (result: { hours?: number; days?: number; rows?: number; failed: number; reason: string }): void => {
      outcome.hours += result.hours ?? 0;
      outcome.days += result.days ?? 0;
      outcome.events += result.rows ?? 0;
      outcome.failed += result.failed;
      if (result.reason !== "" && !outcome.reasons.includes(result.reason)) outcome.reasons.push(result.reason);
    };
    const forced = params.force !== undefined;

    let cursor: number | undefined;
    for (let page = 0; page === 0 || cursor !== undefined; page++) {
      const planned = await step.do(`plan hours ${page}`, STEP, () => planHours(run, params, cursor));
      if (planned.reason !== "") add({ failed: 0, reason: planned.reason });
      await inParallel(planned.jobs, async (job, n) => {
        const options = { forced, random: Math.random };
        add(await step.do(`hours ${page}.${n}`, STEP, () => runHourJob(run, job, options)));
      });
      cursor = planned.cursor;
    }

    const days = await step.do("plan days", STEP, () => planDayJobs(run, params));
    await inParallel(days, async (job, n) => {
      const keys = readKeys(this.env.ROUTING_DB);
      add(await step.do(`days ${n}`, STEP, () => runDayJob(run, job, keys, Math.random)));
    });
    await step.do("prune", STEP, () => prune(run));

    const { hours, events, failed, reasons } = outcome;
    log.info("rolled_up", {
      region: params.region,
      hours,
      days: outcome.days,
      events,
      failed,
      reasons: reasons.join(),
    });
    return outcome;
  }
}

async function planHours(run: ClickHouseRun, params: RollupParams, cursor: number | undefined): Promise<HourPage> {
  const clock = await serverNow(run);
  if (!clock.ok) return { jobs: [], reason: clock.reason };
  const now = clock.value;
  if (params.force !== undefined) return await planForced(run, params.force, cursor, now);
  const states = await hourStates(run, scopeOf(params.look, now), now);
  return states.ok ? { jobs: planJobs(states.value, now), reason: "" } : { jobs: [], reason: states.reason };
}

async function planDayJobs(run: ClickHouseRun, params: RollupParams) {
  const clock = await serverNow(run);
  if (!clock.ok) return [];
  const { force } = params;
  const scope =
    force !== undefined ? { orgId: force.org_id, from: force.from, to: force.to } : scopeOf(params.look, clock.value);
  const states = await dayStates(run, scope);
  return states.ok ? planDays(states.value, clock.value) : [];
}

async function prune(run: ClickHouseRun): Promise<number> {
  const clock = await serverNow(run);
  if (!clock.ok) return 0;
  const pruned = await pruneSuperseded(run, clock.value);
  return pruned.ok ? pruned.value : 0;
}
