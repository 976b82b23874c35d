/**
 * Answers a question: range and page, plan, cost guard, slot, one statement per region, merged rows. Called by routes/query.ts and
 * routes/custom-metrics.ts. Decides nothing about who may ask; org and scope come with `asking`.
 */
import type { QueryAnswer, Question } from "../../../schema/api/query.ts";
import type { Plan as BillingPlan } from "../../../schema/api/settings.ts";
import { PublicError } from "../../../schema/errors.ts";
import { HOUR_MS } from "../../../schema/limits.ts";
import { rangesOf } from "../queries/source.ts";
import { type Asking, type Planned, planRegions, readPlanned } from "../queries/status.ts";
import { iso, type Range, resolveRange } from "../range.ts";
import { scopeName } from "../routes/metrics.ts";
import { answerHead, answerRows, mergeRows, sortRows } from "./answer.ts";
import { exploreQuery, isRolled, type Prepared, type Row, rawExploreQuery } from "./compile.ts";
import { checkCost, HourCounts } from "./cost.ts";
import { readPlace, writePlace } from "./page.ts";
import { prepare } from "./prepare.ts";
import { QuerySlots } from "./slots.ts";

/** Groups of one region that are put together with another's: all of them have to be here for that. */
export const MAX_UNITED_GROUPS = 20_000;
/** A question that rollups answer but for this many events at its edges is none over single events. */
const MAX_EDGE_EVENTS = 1_000_000;

/** What one isolate remembers and counts. */
export interface ExploreState {
  counts: HourCounts;
  slots: QuerySlots;
}

export function makeExploreState(): ExploreState {
  return { counts: new HourCounts(), slots: new QuerySlots() };
}

export interface Asked {
  question: Question;
  from?: string | undefined;
  to?: string | undefined;
  cursor?: string | undefined;
}

/** `plan`: of the tenant, for the limit of the cost guard. Throws PublicError: invalid_request, query_too_expensive, query_timeout, rate_limited. */
export async function explore(
  asking: Asking,
  { question, from, to, cursor }: Asked,
  context: { plan: BillingPlan; now: number; state: ExploreState },
): Promise<QueryAnswer> {
  const asked = { question, from, to };
  const start = cursor === undefined ? undefined : readPlace(cursor, asked);
  const range = start?.range ?? resolveRange({ from, to }, context.now);
  const offset = start?.offset ?? 0;
  const united = asking.regions.length > 1;
  const prepared = prepare(question, range, united);
  const planned = await planOf(asking, prepared, context.now);
  const read = (query: typeof exploreQuery): Promise<Row[][]> =>
    readPlanned(asking, planned, query, { prepared, page });
  const page = united
    ? { limit: MAX_UNITED_GROUPS + 1, offset: 0, isOrdered: false }
    : { limit: question.limit + 1, offset, isOrdered: true };
  const raw = await guard(asking, prepared, planned, context);
  const isRaw = raw > 0 && (raw > MAX_EDGE_EVENTS || !isRolled(prepared));
  const answers = isRaw
    ? await context.state.slots.run(asking.access.orgId, () => read(rawExploreQuery))
    : await read(exploreQuery);
  if (united && answers.some((rows) => rows.length > MAX_UNITED_GROUPS)) throw tooManyGroups();
  const all = answerRows(mergeRows(answers, prepared), prepared);
  const rest = united ? sortRows(all, prepared).slice(offset) : all;
  const next = rest.length > question.limit ? offset + question.limit : undefined;
  return {
    org_id: asking.access.orgId,
    scope: scopeName(asking.access.rows),
    from: iso(range.from),
    to: iso(range.to),
    previous_from: prepared.previous === undefined ? null : iso(prepared.previous.from),
    interval: prepared.buckets?.rule.interval ?? null,
    timezone: question.timezone,
    ...answerHead(prepared),
    rows: rest.slice(0, question.limit),
    next_cursor: next === undefined ? null : writePlace({ range, offset: next }, asked),
    ...planned.provenance,
  };
}

async function planOf(asking: Asking, prepared: Prepared, now: number): Promise<Planned> {
  const { range, previous, buckets } = prepared;
  const cuts = buckets?.cuts ?? (previous === undefined ? [] : [range.from]);
  const whole = { from: previous?.from ?? range.from, to: range.to };
  return await planRegions(asking, whole, { cuts, rollups: isRolled(prepared) }, now);
}

/** Events that the plan reads one by one, in all regions. Throws PublicError `query_too_expensive`. */
async function guard(
  asking: Asking,
  prepared: Prepared,
  { plans }: Planned,
  { plan, now, state }: { plan: BillingPlan; now: number; state: ExploreState },
): Promise<number> {
  const everyone: Asking = { ...asking, access: { orgId: asking.access.orgId, rows: { kind: "org" } } };
  const events = await Promise.all(
    asking.regions.map(async (region, i) => {
      const ranges = rangesOf(plans[i]?.segments ?? [], "raw");
      const count = (days: Range) => countHours({ ...everyone, regions: [region] }, days, now);
      return await state.counts.eventsIn(`${asking.access.orgId} ${region}`, ranges, count, now);
    }),
  );
  const raw = events.reduce((sum, one) => sum + one, 0);
  checkCost(raw, prepared.paths.length > 0, plan);
  return raw;
}

const HOURLY_COUNT: Question = {
  measures: [{ fn: "count" }],
  dimensions: ["time"],
  interval: "1h",
  timezone: "UTC",
  order: [],
  limit: 1_000,
};

/** Events of every hour of the organisation, whoever asks: the database reads them whatever the scope. */
async function countHours(asking: Asking, days: Range, now: number): Promise<{ hour: number; events: number }[]> {
  const prepared = prepare(HOURLY_COUNT, days, false);
  const planned = await planOf(asking, prepared, now);
  const page = { limit: prepared.lengths.length, offset: 0, isOrdered: false };
  try {
    const answers = await readPlanned(asking, planned, exploreQuery, { prepared, page });
    return answers.flat().map(({ d0, parts: [events] }) => ({ hour: Number(d0) * HOUR_MS, events: Number(events) }));
  } catch (cause) {
    if (!(cause instanceof PublicError) || cause.code !== "query_timeout") throw cause;
    throw new PublicError("query_too_expensive", "the range has too many events; narrow it", { cause });
  }
}

function tooManyGroups(): PublicError {
  const message = `a global organisation's answer has at most ${MAX_UNITED_GROUPS} groups a region; use fewer dimensions or filters`;
  return new PublicError("query_too_expensive", message, { details: { limit: MAX_UNITED_GROUPS } });
}
