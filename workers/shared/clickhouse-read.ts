/**
 * Reads from ClickHouse through client-web: one client per region and isolate, read-only, limited in time and rows.
 * Called by workers/api. A tenant query that does not start at `tenantEvents(access)` or its like in tenant-rollups.ts does not
 * type-check. Inserts are clickhouse-insert.ts.
 */
import { type ClickHouseClient, ClickHouseError, ClickHouseLogLevel, createClient } from "@clickhouse/client-web";
import { z } from "zod";
import type { RowScope } from "../../schema/access.ts";
import { PublicError } from "../../schema/errors.ts";
import { SECOND_MS } from "../../schema/limits.ts";
import type { Residency, StorageRegion } from "../../schema/pack.ts";
import type { ClickHouseTarget, Config } from "./env.ts";
import { errorText } from "./log.ts";
import { joinSql, markTenant, param, render, type Sql, type Statement, sql } from "./sql.ts";

/** Whose rows: org and scope, both mandatory, both from the principal and never from the request. */
export interface TenantAccess {
  orgId: string;
  rows: RowScope;
}

/**
 * The tenant's events as a table expression: `FROM ${tenantEvents(access, [...])}`. It is a subquery, so nothing a query
 * adds around it can widen it. `conditions` are ANDed inside, where the sorting key and the skip indexes can use them.
 * `every`: also rows that another of the same identity stands for. Twice as fast, and only for a set that may be too large.
 */
export function tenantEvents(
  access: TenantAccess,
  conditions: readonly Sql<"free">[],
  rows: "final" | "every" = "final",
): Sql<"tenant"> {
  const inside = joinSql(
    conditions.map((condition) => sql`(${condition})`),
    " AND ",
    sql`1`,
  );
  return markTenant(sql`(
  SELECT *
  FROM ${rows === "final" ? sql`events FINAL` : sql`events`}
  WHERE org_id = ${param("String", access.orgId)}
    AND ${scopePredicate(access.rows)}
    AND ${inside}
)`);
}

function scopePredicate(rows: RowScope): Sql<"free"> {
  if (rows.kind === "org") return sql`1`;
  return rows.users.length === 0 ? sql`0` : sql`user_id IN ${param("Array(String)", rows.users)}`;
}

/** A query as data: the shape of its input, its text from access and input, the shape of its rows. */
export interface TenantQuery<Input, Row> {
  /** For the log: an error says which query, never its values. */
  name: string;
  input: z.ZodType<Input>;
  /** `yields`: while any query without it runs in the region, this one waits between its blocks. */
  pace?: "yields" | undefined;
  /** Format JSON, not JSONEachRow: an answer that was cut anywhere does not parse. */
  answer: z.ZodType<{ data: Row[] }>;
  sql(access: TenantAccess, input: Input): Sql<"tenant">;
}

/** Declares a query. Call at module scope: workerd compiles a schema only there. */
export function tenantQuery<Input, Row>(spec: {
  name: string;
  input: z.ZodType<Input>;
  row: z.ZodType<Row>;
  sql(access: TenantAccess, input: Input): Sql<"tenant">;
}): TenantQuery<Input, Row> {
  const { name, input, row, sql: build } = spec;
  return { name, input, answer: z.compile(z.object({ data: z.array(row) })), sql: build };
}

/** Runs one query in one region. Throws PublicError: query_timeout 504, query_too_expensive 422, unavailable 503. */
export type ReadTenant = <Input, Row>(
  region: StorageRegion,
  query: TenantQuery<Input, Row>,
  access: TenantAccess,
  input: Input,
) => Promise<Row[]>;

/** Where a tenant's rows are; a global tenant's are in both regions, an eu tenant's nowhere else. */
export function storageRegions(residency: Residency): readonly StorageRegion[] {
  return residency === "global" ? ["us", "eu"] : [residency];
}

/** Seconds ClickHouse may work on one query. */
const MAX_EXECUTION_S = 10;
/** Our own end, a little later: a server that is there says why; one that hangs does not. */
const REQUEST_TIMEOUT_MS = 12 * SECOND_MS;
/** Bytes one query may use on the server: distinct counts over a very wide range end here, not in the server's death. */
const MAX_QUERY_MEMORY_BYTES = 4_000_000_000;
/** Rows one answer may hold: the largest series (3,000 buckets and the total, 20 groups and the rest), and room. */
const MAX_RESULT_ROWS = 70_000;
/** Bytes one answer may hold: a tenth of an isolate's memory. */
const MAX_RESULT_BYTES = 12_000_000;

/**
 * How long a yielding query waits at most before each block while others run. On a server that is never idle it gets slow by it, but
 * still ends: a block has some 65,000 rows.
 */
const YIELD_MS = 100;

const SETTINGS = {
  // 2, not 1: the settings below may come with the query, and a production user whose profile says readonly=2 takes it.
  readonly: "2",
  cancel_http_readonly_queries_on_client_close: 1,
  max_execution_time: MAX_EXECUTION_S,
  max_memory_usage: String(MAX_QUERY_MEMORY_BYTES),
  max_result_rows: String(MAX_RESULT_ROWS),
  max_result_bytes: String(MAX_RESULT_BYTES),
  result_overflow_mode: "throw",
  // An error in the middle has its own status, not half an answer; answers are small.
  wait_end_of_query: 1,
  // A scope of many users is a long parameter.
  max_query_size: "4000000",
  // Identity holds the timestamp, so two rows of one identity are always in one partition.
  do_not_merge_across_partitions_select_final: 1,
  output_format_json_quote_64bit_integers: 1,
  // The first in the order of ClickHouse's own priorities; 0, the default, takes no part in it.
  priority: "1",
} as const;

/**
 * Of a query that yields. Between blocks ClickHouse lets it wait, inside of one the kernel prefers other threads; the latter needs
 * CAP_SYS_NICE, which ClickHouse's packages give it, and is left out without. Fewer threads instead would slow down everybody's
 * questions, also when nothing else is asked.
 */
const YIELDING = {
  priority: "2",
  low_priority_query_wait_time_ms: String(YIELD_MS),
  // The name that older and newer servers know; 19 is the nicest.
  os_thread_priority: "19",
} as const;

/** ClickHouse's exception codes that mean "too slow": TIMEOUT_EXCEEDED, TOO_SLOW, SOCKET_TIMEOUT. */
const TIMEOUT_CODES: ReadonlySet<string> = new Set(["159", "160", "209"]);
/** "too much": rows, bytes, memory, result size. */
const EXPENSIVE_CODES: ReadonlySet<string> = new Set(["158", "241", "307", "396"]);
/** The server is there but will not serve now: queries, network, credentials, shutdown, read-only. */
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set(["202", "210", "236", "242", "279", "439", "516", "745"]);

/**
 * What the reader's row policies compare org_id with: a second wall behind `tenantEvents`. Only sent to a reader of its own, for a
 * server without the policies does not know the setting.
 */
const POLICY_SETTING = "SQL_tenfold_org";

const clients = new WeakMap<ClickHouseTarget, ClickHouseClient>();

const readers = new WeakMap<Config["clickhouse"], ReadTenant>();

/** The reader for these regions: one per configuration, so that what is kept by reader is kept. `options` are for tests. */
export function clickHouseRead(
  config: Pick<Config, "clickhouse">,
  options?: { fetcher?: typeof fetch; timeoutMs?: number },
): ReadTenant {
  if (options !== undefined) return makeReader(config, options);
  const reader = readers.get(config.clickhouse) ?? makeReader(config, {});
  readers.set(config.clickhouse, reader);
  return reader;
}

function makeReader(
  config: Pick<Config, "clickhouse">,
  options: { fetcher?: typeof fetch; timeoutMs?: number },
): ReadTenant {
  return async (region, query, access, input) => {
    const { text, params } = render(query.sql(access, query.input.parse(input)));
    const target = config.clickhouse[region];
    const client = clientOf(target, options.fetcher);
    const wall: Record<string, string> = target.reader === undefined ? {} : { [POLICY_SETTING]: access.orgId };
    const settings = { ...wall, ...(query.pace === "yields" ? YIELDING : {}) };
    const answer = await ask(client, query.name, { text, params }, options.timeoutMs ?? REQUEST_TIMEOUT_MS, settings);
    return query.answer.parse(answer).data;
  };
}

function clientOf(target: ClickHouseTarget, fetcher: typeof fetch | undefined): ClickHouseClient {
  const known = clients.get(target);
  if (known !== undefined && fetcher === undefined) return known;
  const client = createClient({
    url: target.url,
    database: target.database,
    username: (target.reader ?? target).user,
    password: (target.reader ?? target).password,
    request_timeout: 2 * REQUEST_TIMEOUT_MS,
    clickhouse_settings: SETTINGS,
    use_multipart_params_auto: true,
    log: { level: ClickHouseLogLevel.OFF },
    ...(fetcher === undefined ? {} : { fetch: fetcher }),
  });
  if (fetcher === undefined) clients.set(target, client);
  return client;
}

async function ask(
  client: ClickHouseClient,
  name: string,
  statement: Statement,
  timeoutMs: number,
  settings: Record<string, string>,
): Promise<unknown> {
  const abort = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    abort.abort();
  }, timeoutMs);
  try {
    const result = await client.query({
      query: statement.text,
      query_params: statement.params,
      format: "JSON",
      abort_signal: abort.signal,
      clickhouse_settings: settings,
    });
    return await result.json();
  } catch (error) {
    throw timedOut ? tooSlow(new Error(`${name}: no answer in ${timeoutMs} ms`)) : publicError(name, error);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What the caller throws. A fault of ours (bad SQL, unknown column) is a plain error and masked above; all else has a public
 * code. ClickHouse's text repeats the query with its values, so only its code goes on, to the log.
 */
function publicError(name: string, error: unknown): Error {
  if (!(error instanceof ClickHouseError)) {
    const cause = new Error(`${name}: ${errorText(error)}`);
    return new PublicError("unavailable", "the database cannot be reached, please retry", { retryAfter: 2, cause });
  }
  const cause = new Error(`${name}: ClickHouse ${error.code} ${error.type ?? ""}`.trim());
  if (TIMEOUT_CODES.has(error.code)) return tooSlow(cause);
  if (EXPENSIVE_CODES.has(error.code)) {
    return new PublicError("query_too_expensive", "the query reads too much; narrow the range or the filters", {
      cause,
    });
  }
  return UNAVAILABLE_CODES.has(error.code)
    ? new PublicError("unavailable", "the database is busy, please retry", { retryAfter: 2, cause })
    : cause;
}

function tooSlow(cause: Error): PublicError {
  return new PublicError("query_timeout", "the query took too long; narrow the range or the filters", { cause });
}
