/**
 * Cumulative facts to events: what each series gained since it was last seen, by the tenant's MetricSeries object.
 * Called by accept.ts, only for requests that have such facts. Nothing is lost when the request fails afterwards: what was handed
 * out and is not confirmed is handed out again, under the same ids and times.
 */
import { metricSeries } from "../../../durable-objects/tenant-namespace.ts";
import { PublicError } from "../../../schema/errors.ts";
import { type MetricSeriesRpc, RPC_VERSION, type SeriesInterval } from "../../../schema/rpc.ts";
import type { Env } from "../../shared/env.ts";
import { errorText, log } from "../../shared/log.ts";
import type { TenantRecord } from "../../shared/tenants.ts";
import type { CumulativeFact, NormalisedEvent } from "./normalise/contract.ts";

/** Points of one call: about 500 KB of a message, which may have 32 MB, and a transaction of some 50 ms. */
const MAX_POINTS_PER_CALL = 5_000;
const NANOS_PER_MS = 1_000_000n;

/** What the facts came to. */
export interface Resolved {
  events: NormalisedEvent[];
  /** To be confirmed once the events are durable. */
  intervals: SeriesInterval[];
  /** Points of series that are too many to be counted. */
  full: number;
  /** Points that the client has to send again. */
  behind: number;
}

/** Asks the tenant's object. Throws PublicError `unavailable` when it does not answer. */
export async function resolveCumulative(
  env: Env,
  tenant: TenantRecord,
  facts: readonly CumulativeFact[],
): Promise<Resolved> {
  const resolved: Resolved = { events: [], intervals: [], full: 0, behind: 0 };
  // Lowest first: points of one series that come shuffled in a request still gain step by step.
  const sorted = facts.toSorted((a, b) => a.value - b.value);
  const factOf = new Map(sorted.map((fact) => [keyOf(fact.series, fact.startTimeUnixNano), fact]));
  const byTo = new Map(sorted.map((fact) => [`${fact.value} ${keyOf(fact.series, fact.startTimeUnixNano)}`, fact]));
  for (let at = 0; at < sorted.length; at += MAX_POINTS_PER_CALL) {
    const points = sorted.slice(at, at + MAX_POINTS_PER_CALL).map((fact) => ({
      series: fact.series,
      start: fact.startTimeUnixNano,
      time: fact.timeUnixNano,
      value: fact.value,
    }));
    const answer = await asked(tenant, () =>
      metricSeries(env, tenant).advance({ v: RPC_VERSION, org_id: tenant.orgId, points }),
    );
    resolved.intervals.push(...answer.intervals);
    resolved.full += answer.full;
    resolved.behind += answer.behind;
  }
  resolved.intervals = withoutRepeats(resolved.intervals);
  for (const interval of resolved.intervals) {
    const key = keyOf(interval.series, interval.start);
    const fact = byTo.get(`${interval.to} ${key}`) ?? factOf.get(key);
    if (fact !== undefined) resolved.events.push(eventOf(fact, interval));
  }
  return resolved;
}

const keyOf = (series: string, start: string): string => `${start} ${series}`;

/** A series whose points stand in two calls gives what waits in both. */
function withoutRepeats(intervals: readonly SeriesInterval[]): SeriesInterval[] {
  const seen = new Map(intervals.map((one) => [`${one.from} ${one.to} ${keyOf(one.series, one.start)}`, one]));
  return [...seen.values()];
}

/** An interval of an earlier point is dated as that point was: id and time together are what a repeat is known by. */
function eventOf(fact: CumulativeFact, { from, to, time }: SeriesInterval): NormalisedEvent {
  const made = fact.toEvent(from, to - from);
  if (time === fact.timeUnixNano) return made;
  const timestamp = new Date(Number(BigInt(time) / NANOS_PER_MS)).toISOString();
  return { ...made, event: { ...made.event, timestamp } };
}

/** Tells the object that the intervals' events are durable. Never rejects: what it does not hear of, it hands out again. */
export async function confirmCumulative(
  env: Env,
  tenant: TenantRecord,
  intervals: readonly SeriesInterval[],
): Promise<void> {
  try {
    const series: MetricSeriesRpc = metricSeries(env, tenant);
    for (let at = 0; at < intervals.length; at += MAX_POINTS_PER_CALL) {
      const some = intervals.slice(at, at + MAX_POINTS_PER_CALL);
      await series.confirm({ v: RPC_VERSION, org_id: tenant.orgId, intervals: some });
    }
  } catch (error) {
    log.warn("series_confirm_failed", { org_id: tenant.orgId, cause: errorText(error) });
  }
}

async function asked<T>(tenant: TenantRecord, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    log.warn("series_advance_failed", { org_id: tenant.orgId, cause: errorText(cause) });
    throw new PublicError("unavailable", "the metrics could not be stored, please retry", { retryAfter: 2, cause });
  }
}
