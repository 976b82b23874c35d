/**
 * Drops what no reader takes any more: rows of generations below the done one. Called by workflows/rollup.ts at the end of a run.
 * Rare and in batches: a delete rewrites a mask of every part it finds rows in, whatever their number.
 */
import { z } from "zod";
import { HOUR_MS } from "../../schema/limits.ts";
import type { ClickHouseRun, Ran } from "../../workers/shared/clickhouse-run.ts";
import { time } from "../../workers/shared/rollup-state.ts";
import { param, type Sql, sql } from "../../workers/shared/sql.ts";

/** A reader that has looked up a generation reads it within seconds; attempts end within 10 minutes. */
const KEPT_MS = HOUR_MS;
/** It is worth it from this many attempts on, or when the oldest has waited this long. */
const WORTH_ATTEMPTS = 500;
const MAX_WAIT_MS = 6 * HOUR_MS;
/** Attempts dropped by one run, whose keys are bound to the statement. */
const MAX_ATTEMPTS = 5_000;

const AttemptSchema = z.object({
  org_id: z.string(),
  kind: z.enum(["hour", "day"]),
  at: z.coerce.number(),
  generation: z.string(),
  last: z.coerce.number(),
});
type Attempt = z.infer<typeof AttemptSchema>;

/**
 * Attempts below the done generation of their bucket, the oldest first. Of an hour: also below the one its sessions have seen, for
 * rows of an older attempt are what says that a session was there.
 */
const superseded = (before: number): Sql<"free"> => sql`
SELECT org_id, kind, toUnixTimestamp(bucket) AS at, toString(generation) AS generation, toUnixTimestamp64Milli(last) AS last
FROM (
  SELECT org_id, kind, bucket, generation, max(finished_at) AS last
  FROM rollup_runs
  WHERE kind IN ('hour', 'day')
  GROUP BY org_id, kind, bucket, generation
) AS attempts
INNER JOIN (
  SELECT org_id, 'day' AS kind, bucket, max(generation) AS done
  FROM rollup_runs
  WHERE rollup_runs.kind = 'day' AND state = 'done'
  GROUP BY org_id, bucket
  UNION ALL
  SELECT
    org_id, 'hour' AS kind, bucket,
    least(maxIf(generation, rollup_runs.kind = 'hour'), maxIf(generation, rollup_runs.kind = 'session')) AS done
  FROM rollup_runs
  WHERE rollup_runs.kind IN ('hour', 'session') AND state = 'done'
  GROUP BY org_id, bucket
) AS buckets USING (org_id, kind, bucket)
WHERE generation < done AND last < ${time(before)}
ORDER BY last
LIMIT ${param("UInt32", MAX_ATTEMPTS)}`;

const strings = (values: readonly (string | number)[]): Sql<"free"> =>
  sql`${param("Array(String)", values.map(String))}`;

function keysOf(attempts: readonly Attempt[]): Sql<"free"> {
  return sql`(
SELECT key.1, toDateTime(toUInt32(key.2), 'UTC'), toUInt64(key.3)
FROM (
  SELECT arrayJoin(arrayZip(${strings(attempts.map((one) => one.org_id))}, ${strings(attempts.map((one) => one.at))},
    ${strings(attempts.map((one) => one.generation))})) AS key
))`;
}

/** Drops superseded rows if there are enough; how many attempts were dropped. The last to go is what says that they are there. */
export async function pruneSuperseded(run: ClickHouseRun, now: number, atOnce = false): Promise<Ran<number>> {
  const found = await run.rows(superseded(now - (atOnce ? 0 : KEPT_MS)), AttemptSchema);
  if (!found.ok) return found;
  const [oldest] = found.value;
  if (oldest === undefined) return { ok: true, value: 0 };
  const waits = oldest.last > now - MAX_WAIT_MS && found.value.length < WORTH_ATTEMPTS;
  if (waits && !atOnce) return { ok: true, value: 0 };
  const hours = found.value.filter(({ kind }) => kind === "hour");
  const days = found.value.filter(({ kind }) => kind === "day");
  const statements: Sql<"free">[] = [];
  if (hours.length > 0) {
    const keys = keysOf(hours);
    statements.push(
      sql`DELETE FROM hourly_metrics WHERE (org_id, hour, generation) IN ${keys}`,
      sql`DELETE FROM session_hours WHERE (org_id, hour, generation) IN ${keys}`,
      sql`DELETE FROM rollup_runs WHERE kind IN ('hour', 'session') AND (org_id, bucket, generation) IN ${keys}`,
    );
  }
  if (days.length > 0) {
    const keys = keysOf(days);
    statements.push(
      sql`DELETE FROM daily_metrics WHERE (org_id, day, generation) IN ${keys}`,
      sql`DELETE FROM rollup_runs WHERE kind = 'day' AND (org_id, bucket, generation) IN ${keys}`,
    );
  }
  for (const statement of statements) {
    const ran = await run.command(statement);
    if (!ran.ok) return ran;
  }
  return { ok: true, value: found.value.length };
}
