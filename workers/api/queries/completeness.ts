/**
 * How much of what agents sent has arrived, by agent and by session, and who stopped sending. Two measures: gaps in the numbers that an
 * agent gives its records (`seq`, from 0 in each process), and the tokens of its own metrics beside those of its events.
 *
 * A session may have several processes, each counting from 0. A number that falls by more than REORDERED begins a new one; less is two
 * records of one moment in the other order. The first process starts at 0 where the session's start was seen; what a later process or
 * the end of one lost cannot be told from its numbers, only from the tokens.
 */
import { z } from "zod";
import { tenantEvents, tenantQuery } from "../../shared/clickhouse-read.ts";
import { param, type Sql, sql } from "../../shared/sql.ts";
import { tenantHourly } from "../../shared/tenant-rollups.ts";
import { DecimalSchema, RangeSchema, within } from "./columns.ts";

/** Records may be stored in another order than they were numbered, by this much. */
const REORDERED = 16;
/** People whose silence is looked at in one answer. */
const MAX_PEOPLE = 5_000;

/** Kinds of an agent's own token metric that add up to what its events say; others (cache of Gemini, tool) are parts of these. */
const LEDGER_TYPES = sql`('input', 'output', 'thought', 'cacheRead', 'cacheCreation')`;

const PER_SESSION = sql`
  arrayMap(one -> toInt64(one.2), arraySort(groupArrayIf((timestamp, assumeNotNull(seq)), isNotNull(seq)))) AS numbers,
  arraySplit((number, step) -> step < -${param("Int64", REORDERED)}, numbers, arrayDifference(numbers)) AS processes,
  arraySum(one -> arrayMax(one) - arrayMin(one) + 1, processes)
    + if(countIf(event_type = 'session_start') > 0 AND length(processes) > 0, arrayMin(processes[1]), 0) AS expected_records,
  arraySum(one -> length(arrayDistinct(one)), processes) AS seen_records,
  sumIf(input_tokens + output_tokens + cache_read_tokens + cache_write_tokens, event_type = 'cost_incurred') AS own_tokens,
  sumIf(
    JSONExtractUInt(metadata, 'tokens'),
    endsWith(event_type, '.token_usage') AND JSONExtractString(metadata, 'type') IN ${LEDGER_TYPES}
  ) AS checked_tokens`;

const MeasuredSchema = z.object({
  expected: DecimalSchema,
  seen: DecimalSchema,
  event_tokens: DecimalSchema,
  metric_tokens: DecimalSchema,
});
const AgentRowSchema = MeasuredSchema.extend({ name: z.string(), sessions: DecimalSchema });

/** Sums of sessions by agent; only sessions whose records are numbered or whose agent sends a token metric. */
export const completenessQuery = tenantQuery({
  name: "completeness",
  input: z.object({ range: RangeSchema }),
  row: AgentRowSchema,
  sql: (access, { range }) => sql`
SELECT
  toString(agent) AS name,
  toString(count()) AS sessions,
  toString(sum(expected_records)) AS expected,
  toString(sum(seen_records)) AS seen,
  toString(sumIf(own_tokens, checked_tokens > 0)) AS event_tokens,
  toString(sum(checked_tokens)) AS metric_tokens
FROM (
  SELECT agent, session_id, ${PER_SESSION}
  FROM ${tenantEvents(access, [within(range), sql`agent != ''`])}
  GROUP BY agent, session_id
  HAVING length(numbers) > 0 OR checked_tokens > 0
)
GROUP BY name`,
});

/** One session's, over its own range. */
export const sessionCompletenessQuery = tenantQuery({
  name: "session_completeness",
  input: z.object({ sessionId: z.string(), range: RangeSchema }),
  row: MeasuredSchema,
  sql: (access, { sessionId, range }) => sql`
SELECT
  toString(expected_records) AS expected,
  toString(seen_records) AS seen,
  toString(if(checked_tokens > 0, own_tokens, 0)) AS event_tokens,
  toString(checked_tokens) AS metric_tokens
FROM (
  SELECT session_id, ${PER_SESSION}
  FROM ${tenantEvents(access, [within(range), ofSession(sessionId)])}
  GROUP BY session_id
  HAVING length(numbers) > 0 OR checked_tokens > 0
)`,
});

function ofSession(sessionId: string): Sql<"free"> {
  return sql`session_id = ${param("String", sessionId)}`;
}

/** The days on which people's agents sent anything, from rolled hours; the newest hours do not matter to a silence of days. */
export const presenceQuery = tenantQuery({
  name: "presence",
  input: z.object({ range: RangeSchema }),
  row: z.object({ person: z.string(), name: z.string(), days: z.array(DecimalSchema), last: DecimalSchema }),
  sql: (access, { range }) => sql`
SELECT
  user_id AS person,
  toString(agent) AS name,
  arrayMap(day -> toString(day), groupUniqArray(intDiv(at_ms, 86400000) * 86400000)) AS days,
  toString(max(at_ms)) AS last
FROM ${tenantHourly(access, { ranges: [range], byUser: true, conditions: [sql`agent != ''`] })}
GROUP BY person, name
ORDER BY max(at_ms)
LIMIT ${param("UInt32", MAX_PEOPLE)}`,
});
