/**
 * What a test sent, and what ClickHouse holds of it: unique identities per tenant and type on both sides.
 * Used by the e2e tests. Counts are exact: an event is in the ledger once it was acknowledged.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import type { DevJson } from "../../dev/dev-json.ts";

/** `org/type` -> number of unique identities. */
export type Books = Record<string, number>;

const RowsSchema = z.array(z.object({ key: z.string(), n: z.coerce.number() }));

/** Runs a query on one region's database and returns its rows. Throws with ClickHouse's text. */
export async function query(devJson: DevJson, region: "us" | "eu", sql: string): Promise<unknown[]> {
  const { url, database, user, password } = devJson.clickhouse[region];
  const response = await fetch(`${url}/?database=${database}&default_format=JSONEachRow`, {
    method: "POST",
    body: sql,
    headers: { "x-clickhouse-user": user, "x-clickhouse-key": password },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text.trim() === ""
    ? []
    : text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
}

/** Unique identities per tenant and type, of both regions; `where` narrows to the test's own events. */
export async function storedBooks(devJson: DevJson, where = "1"): Promise<Books> {
  const books: Books = {};
  for (const region of ["us", "eu"] as const) {
    const sql = `SELECT concat(org_id, '/', event_type) AS key, count() AS n FROM events FINAL WHERE ${where} GROUP BY key`;
    for (const { key, n } of RowsSchema.parse(await query(devJson, region, sql))) books[key] = (books[key] ?? 0) + n;
  }
  return books;
}

/** Waits until ClickHouse holds exactly `expected`; resolves to what it held last, to be compared by the caller. */
export async function settledBooks(
  devJson: DevJson,
  expected: Books,
  timeoutMs: number,
  where?: string,
): Promise<Books> {
  const deadline = Date.now() + timeoutMs;
  let last: Books = {};
  for (;;) {
    last = await storedBooks(devJson, where).catch(() => last);
    const equal = Object.keys({ ...expected, ...last }).every((key) => expected[key] === last[key]);
    if (equal || Date.now() > deadline) return last;
    await delay(250);
  }
}
