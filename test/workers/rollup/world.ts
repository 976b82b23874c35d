/** A world for the rollup tests: ClickHouse with events, the state of hours, and the same question asked of two tables. */
import { env as bindings } from "cloudflare:test";
import { inject } from "vitest";
import { z } from "zod";
import { HOUR_MS } from "../../../schema/limits.ts";
import { type ClickHouseRun, clickHouseRun, type Ran } from "../../../workers/shared/clickhouse-run.ts";
import type { Env } from "../../../workers/shared/env.ts";
import { dayStates, hourStates } from "../../../workers/shared/rollup-state.ts";
import { planDays, runDayJob } from "../../../workflows/rollup/days.ts";
import { type HourResult, runHourJob } from "../../../workflows/rollup/hours.ts";

export const HOUR = HOUR_MS;
/** A moment in the past of every test: hours around it are over. */
export const T0 = Math.floor((Date.now() - 30 * HOUR) / HOUR) * HOUR;

const target = (database: string) => ({ url: inject("clickHouseUrl"), database, user: "default", password: "" });

export const runOf = (database: "us" | "eu" = "us", fetcher?: typeof fetch): ClickHouseRun =>
  clickHouseRun(target(database), fetcher);

/** Bindings that reach the ClickHouse of the tests. */
export function makeEnv(): Env {
  const url = inject("clickHouseUrl");
  return { ...(bindings as unknown as Env), JWT_PRIVATE_KEY: "none", CLICKHOUSE_US_URL: url, CLICKHOUSE_EU_URL: url };
}

export function must<T>(ran: Ran<T>): T {
  if (!ran.ok) throw new Error(ran.reason);
  return ran.value;
}

const AnswerSchema = z.object({ data: z.array(z.record(z.string(), z.unknown())) });

/** Rows of any SQL, or what it changed. */
export async function query(text: string, database = "us"): Promise<Record<string, unknown>[]> {
  const url = new URL(inject("clickHouseUrl"));
  url.searchParams.set("database", database);
  url.searchParams.set("default_format", "JSON");
  const response = await fetch(url, { method: "POST", body: text });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer === "" ? [] : AnswerSchema.parse(JSON.parse(answer)).data;
}

export interface EventInput {
  org_id: string;
  /** ms */
  at: number;
  event_type?: string;
  event_id?: string;
  /** 1 corrects, 0 is what ingest writes. */
  revision?: number;
  received_at?: number;
  [column: string]: unknown;
}

/** Rows as ingest writes them. */
export async function insert(rows: readonly EventInput[], database = "us"): Promise<void> {
  const url = new URL(inject("clickHouseUrl"));
  url.searchParams.set("database", database);
  url.searchParams.set("query", "INSERT INTO events FORMAT JSONEachRow");
  url.searchParams.set("date_time_input_format", "best_effort");
  const body = rows.map(({ at, revision = 0, received_at = at, ...row }) =>
    JSON.stringify({
      event_type: "code_generated",
      event_id: crypto.randomUUID(),
      user_id: "user-1",
      session_id: "session-1",
      timestamp: new Date(at).toISOString(),
      received_at: new Date(received_at).toISOString(),
      _ver: String(BigInt(revision) * 2n ** 48n + (2n ** 48n - 1n - BigInt(received_at))),
      ...row,
    }),
  );
  const response = await fetch(url, { method: "POST", body: body.join("\n") });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
}

/** Pretends that the org's events arrived minutes ago: hours get clean only a minute after the last insert. */
export async function settle(orgId: string, minutes = 30, database = "us"): Promise<void> {
  const rows = await query(
    `SELECT DISTINCT toUnixTimestamp(hour) AS h FROM dirty_hours WHERE org_id = '${orgId}'`,
    database,
  );
  await query(`DELETE FROM dirty_hours WHERE org_id = '${orgId}'`, database);
  const values = rows.map(({ h }) => `('${orgId}', ${String(h)}, now64(3), now64(3) - INTERVAL ${minutes} MINUTE)`);
  await query(`INSERT INTO dirty_hours VALUES ${values.join()}`, database);
}

/** Recomputes hours of an org now, as one forced job. */
export async function rollHours(orgId: string, hours: readonly number[], run = runOf()): Promise<HourResult> {
  const job = { orgId, hours: [...hours], sessionsOnly: false };
  return await runHourJob(run, job, { forced: true, random: Math.random });
}

/** Rolls up the org's days that are due. */
export async function rollDays(orgId: string, run = runOf(), keys: Parameters<typeof runDayJob>[2] = async () => []) {
  const states = must(await dayStates(run, { orgId }));
  const results = [];
  for (const job of planDays(states, Date.now())) results.push(await runDayJob(run, job, keys, Math.random));
  return results;
}

export const statesOf = async (orgId: string, run = runOf()) =>
  must(await hourStates(run, { orgId }, Date.now(), "all"));

const DIMENSIONS = "event_type, team_id, agent, model, repo, environment";
const TOKENS = "input_tokens + output_tokens + cache_read_tokens + cache_write_tokens";

/** The question: everything a rollup holds, by hour (or day) and dimensions, from events themselves. */
export function askEvents(orgId: string, byUser: boolean, bucket: "Hour" | "Day" = "Hour"): string {
  return `
SELECT toString(toDateTime(toStartOf${bucket}(timestamp, 'UTC'), 'UTC')) AS bucket, ${DIMENSIONS}, ${byUser ? "user_id" : "'' AS user"},
  count(), countIf(event_type = 'error'), countIf(event_type = 'security_alert'), countIf(event_type = 'pr_created'),
  countIf(event_type = 'session_start'), countIf(event_type = 'session_end'),
  sum(toInt128(ifNull(cost_nano_usd, 0))), countIf(isNotNull(cost_nano_usd)), sumIf(${TOKENS}, cost_source = 'unpriced'),
  sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(reasoning_tokens),
  sum(toUInt64(lines_added)), sum(toUInt64(lines_removed)), countIf(accepted = true), countIf(accepted = false),
  uniqExact(events.user_id), uniqExact(session_id),
  quantilesBFloat16If(0.5, 0.9, 0.95, 0.99)(ifNull(duration_ms, 0), isNotNull(duration_ms)),
  countIf(isNotNull(duration_ms)), sum(ifNull(duration_ms, 0))
FROM events FINAL WHERE org_id = '${orgId}'
GROUP BY ALL ORDER BY ALL SETTINGS prefer_column_name_to_alias = 1`;
}

/** The same of a rollup's done generations. */
export function askRollup(orgId: string, byUser: boolean, bucket: "Hour" | "Day" = "Hour"): string {
  const [table, column, kind] =
    bucket === "Hour" ? ["hourly_metrics", "hour", "hour"] : ["daily_metrics", "day", "day"];
  return `
SELECT toString(${column}) AS bucket, ${DIMENSIONS}, user_id,
  sum(events), sum(errors), sum(security_alerts), sum(pull_requests), sum(session_starts), sum(session_ends),
  sum(cost_nano_usd), sum(cost_events), sum(unpriced_tokens),
  sum(input_tokens), sum(output_tokens), sum(cache_read_tokens), sum(cache_write_tokens), sum(reasoning_tokens),
  sum(lines_added), sum(lines_removed), sum(accepted), sum(rejected),
  uniqCombined64Merge(18)(users), uniqCombined64Merge(18)(sessions),
  quantilesBFloat16Merge(0.5, 0.9, 0.95, 0.99)(duration), sum(duration_count), sum(duration_sum)
FROM ${table}
WHERE org_id = '${orgId}' AND by_user = ${byUser ? 1 : 0} AND (${column}, generation) IN (
  SELECT bucket, max(generation) FROM rollup_runs WHERE org_id = '${orgId}' AND kind = '${kind}' AND state = 'done' GROUP BY bucket)
GROUP BY ALL ORDER BY ALL SETTINGS prefer_column_name_to_alias = 1`;
}

/** Values of both, row by row: column names differ. */
export async function values(text: string, database = "us"): Promise<unknown[][]> {
  return (await query(text, database)).map((row) => Object.values(row));
}
