/**
 * Runs statements of the pipeline itself in one region's ClickHouse: INSERT ... SELECT and DELETE of the rollups, and reads of their
 * state over all tenants. Called by workflows, the cron and pipeline.ts, never with a tenant's query: those go
 * through clickhouse-read.ts, which binds org and scope. Values are bound; a failure is a value with a code and no text, because
 * ClickHouse's text repeats values.
 */
import { ClickHouseError, ClickHouseLogLevel, createClient } from "@clickhouse/client-web";
import type { z } from "zod";
import { MB, SECOND_MS } from "../../schema/limits.ts";
import type { ClickHouseTarget } from "./env.ts";
import { render, type Sql } from "./sql.ts";

/** timeout, memory: of this statement; unavailable: nobody answered, or not now; clickhouse_<code>: anything else. */
export type RunFailure = "timeout" | "memory" | "unavailable" | `clickhouse_${string}`;
export type Ran<T> = { ok: true; value: T } | { ok: false; reason: RunFailure };

/** The two things a pipeline step does to ClickHouse. Neither throws for what ClickHouse answers. */
export interface ClickHouseRun {
  /** A statement that changes something. */
  command(statement: Sql): Promise<Ran<undefined>>;
  /** Rows of a read; a row of another shape throws. */
  rows<Row>(statement: Sql, row: z.ZodType<Row>): Promise<Ran<Row[]>>;
}

/** Seconds ClickHouse may work on one statement: a slice of 2 M events takes about 10. */
const MAX_EXECUTION_S = 120;
const REQUEST_TIMEOUT_MS = (MAX_EXECUTION_S + 5) * SECOND_MS;
/** Bytes one statement may use; sums go to disk well before. */
const MAX_MEMORY_BYTES = 3_000 * MB;
const SPILL_BYTES = 1_000 * MB;
/** Rows of one answer: the state of every hour that may be due. */
const MAX_RESULT_ROWS = 100_000;

const SETTINGS = {
  max_execution_time: MAX_EXECUTION_S,
  max_memory_usage: String(MAX_MEMORY_BYTES),
  max_bytes_before_external_group_by: String(SPILL_BYTES),
  max_result_rows: String(MAX_RESULT_ROWS),
  result_overflow_mode: "throw",
  wait_end_of_query: 1,
  // Two slices of an hour may hold equal rows: both count.
  insert_deduplicate: 0,
  // One statement, one part: a block of a GROUP BY is otherwise a part of its own.
  min_insert_block_size_rows: "1000000",
  max_query_size: "4000000",
  // An alias named like a column must not stand in for it inside an aggregate.
  prefer_column_name_to_alias: 1,
  // Deletes name their rows by a list that is bound to the statement, which is the same on every replica.
  allow_nondeterministic_mutations: 1,
  // Identity holds the timestamp, so two rows of one identity are always in one partition.
  do_not_merge_across_partitions_select_final: 1,
  output_format_json_quote_64bit_integers: 1,
} as const;

const TIMEOUT_CODES: ReadonlySet<string> = new Set(["159", "160", "209"]);
const MEMORY_CODES: ReadonlySet<string> = new Set(["241", "243"]);
const UNAVAILABLE_CODES: ReadonlySet<string> = new Set(["202", "210", "236", "242", "252", "279", "439", "516", "745"]);

/** The runner for one region. `fetcher` is for tests. */
export function clickHouseRun(target: ClickHouseTarget, fetcher?: typeof fetch): ClickHouseRun {
  const login = target.rollup ?? target;
  const client = createClient({
    url: target.url,
    database: target.database,
    username: login.user,
    password: login.password,
    request_timeout: REQUEST_TIMEOUT_MS,
    clickhouse_settings: SETTINGS,
    use_multipart_params_auto: true,
    log: { level: ClickHouseLogLevel.OFF },
    ...(fetcher === undefined ? {} : { fetch: fetcher }),
  });
  return {
    async command(statement) {
      const { text, params } = render(statement);
      try {
        await client.command({ query: text, query_params: params });
        return { ok: true, value: undefined };
      } catch (error) {
        return { ok: false, reason: reasonOf(error) };
      }
    },
    async rows(statement, row) {
      const { text, params } = render(statement);
      let answer: { data: unknown[] };
      try {
        answer = await (await client.query({ query: text, query_params: params, format: "JSON" })).json<unknown>();
      } catch (error) {
        return { ok: false, reason: reasonOf(error) };
      }
      return { ok: true, value: answer.data.map((one) => row.parse(one)) };
    },
  };
}

/** The code that is kept and shown for a failure. */
export function reasonOf(error: unknown): RunFailure {
  if (!(error instanceof ClickHouseError)) return "unavailable";
  if (TIMEOUT_CODES.has(error.code)) return "timeout";
  if (MEMORY_CODES.has(error.code)) return "memory";
  return UNAVAILABLE_CODES.has(error.code) ? "unavailable" : `clickhouse_${error.code.slice(0, 8)}`;
}
