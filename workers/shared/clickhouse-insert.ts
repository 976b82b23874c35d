/**
 * The insert writer: streams concatenated zstd frames of NDJSON rows into one region's `events`, bytes passed through.
 * Called by queues and EventBuffer, which depend only on `InsertRows`. client-web is not used here: it refuses zstd bodies.
 */
import type { ClickHouseTarget } from "./env.ts";
import { errorText } from "./log.ts";

/** ok: stored. bad_data: these very rows can never be stored. retry: anything else, try again later. */
export type InsertOutcome =
  | { kind: "ok" }
  | { kind: "bad_data"; code: number; reason: string }
  | { kind: "retry"; reason: string };

/** Inserts the bodies (zstd NDJSON) as one statement. Never throws. `token`: insert_deduplication_token. */
export type InsertRows = (bodies: readonly Uint8Array[], token?: string) => Promise<InsertOutcome>;

/** A batch's insert may take this long before it is tried again; a Queues batch may run for 15 min. */
const INSERT_TIMEOUT_MS = 30_000;
/** ClickHouse's own text, kept for dead letters. */
const MAX_REASON = 500;

/**
 * Exception codes that say "the rows are wrong": parse errors, types, bounds
 * (ClickHouse src/Common/ErrorCodes.cpp). Everything else may pass later.
 */
const BAD_DATA_CODES: ReadonlySet<number> = new Set([
  6, 26, 27, 32, 33, 34, 38, 41, 53, 69, 70, 72, 85, 117, 130, 131, 246, 281, 321, 349, 407, 441, 467, 469, 491, 561,
  562, 563, 564, 565, 572, 596, 597, 616, 627, 633, 640, 675, 676,
]);

const SETTINGS: Record<string, string> = {
  async_insert: "1",
  wait_for_async_insert: "1",
  async_insert_busy_timeout_max_ms: "200",
  date_time_input_format: "basic",
  input_format_skip_unknown_fields: "0",
  input_format_null_as_default: "0",
};

/** Rows at and above which an insert is sent as its own part; smaller ones are batched by the server. */
export const ASYNC_INSERT_BELOW_BYTES = 256_000;

/** Tables that rows are inserted into. */
export type InsertTable = "events" | "window_metrics";

/** The writer for one table of one region. */
export function clickHouseInsert(
  target: ClickHouseTarget,
  fetcher: typeof fetch = fetch,
  table: InsertTable = "events",
): InsertRows {
  return async (bodies, token) => {
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    const url = new URL(target.url);
    url.searchParams.set("query", `INSERT INTO ${table} FORMAT JSONEachRow`);
    url.searchParams.set("database", target.database);
    for (const [name, value] of Object.entries(SETTINGS)) url.searchParams.set(name, value);
    if (bytes >= ASYNC_INSERT_BELOW_BYTES) url.searchParams.set("async_insert", "0");
    if (token !== undefined) url.searchParams.set("insert_deduplication_token", token);
    // Not AbortSignal.timeout: its timer outlives the fetch, and a pending timer keeps a Durable Object alive and billed.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(new Error("no answer in time")), INSERT_TIMEOUT_MS);
    try {
      const response = await fetcher(url.toString(), {
        method: "POST",
        body: concatenate(bodies, bytes),
        headers: {
          "content-encoding": "zstd",
          "x-clickhouse-user": target.user,
          ...(target.password === "" ? {} : { "x-clickhouse-key": target.password }),
        },
        signal: deadline.signal,
      });
      const text = await response.text();
      return response.ok && !text.startsWith("Code: ")
        ? { kind: "ok" }
        : classify(response.status, response.headers, text);
    } catch (error) {
      return { kind: "retry", reason: errorText(error) };
    } finally {
      clearTimeout(timer);
    }
  };
}

const UNKNOWN_FIELD = /Unknown field found while parsing/;

/** Decides a refused insert: pure, so that the table of codes can be tested. */
export function classify(status: number, headers: Headers, text: string): InsertOutcome {
  const code = Number(headers.get("x-clickhouse-exception-code") ?? /Code: (\d+)/.exec(text)?.[1] ?? Number.NaN);
  const reason = text.slice(0, MAX_REASON);
  // A column this ClickHouse does not have yet is a deploy under way, not bad rows.
  if (UNKNOWN_FIELD.test(text)) return { kind: "retry", reason: `${status}: ${reason}` };
  return BAD_DATA_CODES.has(code)
    ? { kind: "bad_data", code, reason }
    : { kind: "retry", reason: `${status}: ${reason}` };
}

function concatenate(bodies: readonly Uint8Array[], bytes: number): Uint8Array {
  const [first] = bodies;
  if (bodies.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(bytes);
  let at = 0;
  for (const body of bodies) {
    whole.set(body, at);
    at += body.length;
  }
  return whole;
}

/** An item that ClickHouse refused for good, with its reason. */
export interface Poison<T> {
  item: T;
  code: number;
  reason: string;
}

export interface InsertReport<T> {
  stored: T[];
  poison: Poison<T>[];
  /** Not decided; to be tried again. */
  retry: T[];
  reason: string | undefined;
}

/**
 * Inserts items together; when ClickHouse calls them bad data, halves until each poison item stands alone.
 * log2(n) extra inserts an item; after the first undecided insert the rest is left for retry.
 */
export async function insertIsolating<T>(
  items: readonly T[],
  bodyOf: (item: T) => Uint8Array,
  insert: InsertRows,
): Promise<InsertReport<T>> {
  const report: InsertReport<T> = { stored: [], poison: [], retry: [], reason: undefined };
  const pending: T[][] = items.length === 0 ? [] : [[...items]];
  while (pending.length > 0) {
    const part = pending.pop() ?? [];
    if (report.reason !== undefined) {
      report.retry.push(...part);
      continue;
    }
    const outcome = await insert(part.map(bodyOf));
    const [only] = part;
    if (outcome.kind === "ok") report.stored.push(...part);
    else if (outcome.kind === "retry") {
      report.reason = outcome.reason;
      report.retry.push(...part);
    } else if (part.length === 1 && only !== undefined) {
      report.poison.push({ item: only, code: outcome.code, reason: outcome.reason });
    } else {
      const half = part.length >> 1;
      pending.push(part.slice(half), part.slice(0, half));
    }
  }
  return report;
}
