/**
 * The two methods of a Durable Object's storage that PackStore needs, and readers of SQLite values.
 * Narrow, so that the store also runs on another SQLite in tests.
 */
export type SqlValue = ArrayBuffer | Uint8Array | string | number | null;

export interface Sql {
  exec(query: string, ...bindings: SqlValue[]): Iterable<Record<string, SqlValue>>;
}

export interface SqlDatabase {
  sql: Sql;
  /** Runs `work` as one transaction; a throw undoes it. */
  transactionSync<T>(work: () => T): T;
}

/** A column that must hold an integer; NULL (of an empty sum) is 0. */
export function toNumber(value: SqlValue | undefined): number {
  if (value === null) return 0;
  if (typeof value !== "number") throw new TypeError("not a number in SQLite");
  return value;
}

/** A column that must hold text. */
export function toText(value: SqlValue | undefined): string {
  if (typeof value !== "string") throw new TypeError("not text in SQLite");
  return value;
}

/** A column that must hold a blob. */
export function toBytes(value: SqlValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError("not a blob in SQLite");
}
