/**
 * The error groups of a range. A message's shape is in no rollup, so this reads the events; they are few, and first in the sorting
 * key by their type.
 */
import { z } from "zod";
import { MAX_ERROR_GROUPS } from "../../../schema/api/insights.ts";
import { tenantEvents, tenantQuery } from "../../shared/clickhouse-read.ts";
import { param, type Sql, sql } from "../../shared/sql.ts";
import { DecimalSchema, FiltersInputSchema, filterConditions, RangeSchema, within } from "./columns.ts";

/** Characters of a message that its shape is made of, and that an example shows. */
const SHAPE_LENGTH = 1_000;
const EXAMPLE_LENGTH = 500;

/** What differs between two messages of one fault, in the order it is replaced. */
const DIFFERENCES: readonly (readonly [RegExp, string])[] = [
  [/(?:[A-Za-z]:)?(?:[\\/][^\s\\/:*?"'`<>|(),;]+)+[\\/]?/, "<path>"],
  [/[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}/, "<hex>"],
  [/0[xX][0-9a-fA-F]+|\b[0-9a-fA-F]*[0-9][0-9a-fA-F]{7,}\b/, "<hex>"],
  [/[0-9]+/, "<n>"],
];

const MESSAGE = sql`JSONExtractString(metadata, 'message')`;
const SHAPE = DIFFERENCES.reduce<Sql<"free">>(
  (text, [difference, name]) =>
    sql`replaceRegexpAll(${text}, ${param("String", difference.source)}, ${param("String", name)})`,
  sql`substringUTF8(${MESSAGE}, 1, ${param("UInt32", SHAPE_LENGTH)})`,
);

/** Groups, most frequent first; users and sessions as counts, with their states when `united`. */
export const errorGroupsQuery = tenantQuery({
  name: "error_groups",
  input: z.object({ range: RangeSchema, filters: FiltersInputSchema, united: z.boolean() }),
  row: z.object({
    fingerprint: z.string(),
    code: z.string(),
    tool: z.string(),
    message_shape: z.string(),
    example: z.string(),
    events: DecimalSchema,
    first: DecimalSchema,
    last: DecimalSchema,
    users: DecimalSchema,
    sessions: DecimalSchema,
    users_state: z.string(),
    sessions_state: z.string(),
  }),
  sql: (access, { range, filters, united }) => sql`
SELECT
  lower(hex(sipHash128(tuple(toString(error_code), toString(tool_name), message_shape)))) AS fingerprint,
  toString(error_code) AS code,
  toString(tool_name) AS tool,
  message_shape,
  argMax(substringUTF8(${MESSAGE}, 1, ${param("UInt32", EXAMPLE_LENGTH)}), (timestamp, event_id)) AS example,
  toString(count()) AS events,
  toString(toUnixTimestamp64Milli(min(timestamp))) AS first,
  toString(toUnixTimestamp64Milli(max(timestamp))) AS last,
  toString(uniqCombined64(18)(user_id)) AS users,
  toString(uniqCombined64(18)(session_id)) AS sessions,
  ${united ? sql`hex(uniqCombined64State(18)(user_id))` : sql`''`} AS users_state,
  ${united ? sql`hex(uniqCombined64State(18)(session_id))` : sql`''`} AS sessions_state
FROM (
  SELECT error_code, tool_name, metadata, timestamp, event_id, user_id, session_id, ${SHAPE} AS message_shape
  FROM ${tenantEvents(access, [sql`event_type = 'error'`, within(range), ...filterConditions(filters)])}
)
GROUP BY error_code, tool_name, message_shape
ORDER BY count() DESC, fingerprint
LIMIT ${param("UInt32", MAX_ERROR_GROUPS + 1)}`,
});
