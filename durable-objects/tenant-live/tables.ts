/**
 * The SQLite tables of TenantLive, its migrations, and small readers of rows. Used by store.ts, tickets.ts, notices.ts.
 * Tables have integer keys and no index: every index would be one more row written.
 */
import { z } from "zod";
import { registryRows } from "./registry-codec.ts";
import { sessionsOfV1 } from "./registry-v1.ts";

export type Sql = Pick<SqlStorage, "exec">;

type Migration = string | ((sql: Sql) => void);

/** Append only: an object at version n runs the entries from n on. */
export const MIGRATIONS: readonly Migration[] = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
   CREATE TABLE journal (slot INTEGER PRIMARY KEY, seq INTEGER NOT NULL, part INTEGER NOT NULL, at INTEGER NOT NULL,
     sent INTEGER NOT NULL, body BLOB NOT NULL);
   CREATE TABLE windows (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
   CREATE TABLE identities (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
   CREATE TABLE registry (part INTEGER PRIMARY KEY, body TEXT NOT NULL);
   CREATE TABLE notices (slot INTEGER PRIMARY KEY, call INTEGER NOT NULL, body TEXT NOT NULL);
   CREATE TABLE tickets (id TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at INTEGER NOT NULL, body TEXT NOT NULL)
     WITHOUT ROWID;
   CREATE TABLE scopes (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;`,
  oneRecordPerSession,
  "ALTER TABLE journal DROP COLUMN sent",
];

function oneRecordPerSession(sql: Sql): void {
  const rows = [...sql.exec("SELECT body FROM registry ORDER BY part")].map((row) => text(row.body));
  sql.exec("DELETE FROM registry");
  let part = 0;
  for (const row of registryRows(sessionsOfV1(rows))) {
    sql.exec("INSERT INTO registry (part, body) VALUES (?, ?)", part++, row);
  }
}

/** Brings the tables up to date. Idempotent; call inside the constructor. */
export function migrate(sql: Sql): void {
  sql.exec("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY)");
  const done = integer(sql.exec("SELECT coalesce(max(version), 0) AS n FROM migrations").one().n);
  MIGRATIONS.slice(done).forEach((statements, i) => {
    if (typeof statements === "string") sql.exec(statements);
    else statements(sql);
    sql.exec("INSERT INTO migrations (version) VALUES (?)", done + i + 1);
  });
}

/** Drops everything; `migrate` makes it anew. */
export function dropTables(sql: Sql): void {
  for (const table of [
    "migrations",
    "meta",
    "journal",
    "windows",
    "identities",
    "registry",
    "notices",
    "tickets",
    "scopes",
  ]) {
    sql.exec(`DROP TABLE IF EXISTS ${table}`);
  }
}

/** A blob column as bytes. */
export function blob(value: unknown): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw new TypeError("a blob column holds something else");
}

export function integer(value: unknown): number {
  return z.number().parse(value);
}

export function text(value: unknown): string {
  return z.string().parse(value);
}

/** A row holds at most 2 MB; 1 MB a blob leaves room and keeps rewrites small. */
export const MAX_BLOB_BYTES = 1_000_000;

/** Cuts bytes into blobs of at most MAX_BLOB_BYTES. */
export function blobParts(bytes: Uint8Array): ArrayBuffer[] {
  const parts: ArrayBuffer[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += MAX_BLOB_BYTES) {
    parts.push(new Uint8Array(bytes.subarray(at, at + MAX_BLOB_BYTES)).buffer);
  }
  return parts;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
