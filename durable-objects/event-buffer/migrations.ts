/**
 * The object's tables, as an append-only list: an entry is never changed, moved or removed once released.
 * Run by PackStore's constructor in every object; an object of an older version is brought forward there.
 */
import type { Sql } from "./sql.ts";
import { toNumber, toText } from "./sql.ts";

export interface Migration {
  name: string;
  sql: string;
}

/**
 * `packs`: a row holds the packs of one append, keyed by the sequence number of its last one, so that "after the
 * cursor" and "passed by all" are ranges of the key and no second index costs rows. `total` sums the sizes up to this
 * row: what waits is a difference of two rows, not a scan of gigabytes at each wake. Small columns stand before the
 * bundle: planning reads no overflow page.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: "0001_packs",
    sql: `CREATE TABLE packs (
            last INTEGER PRIMARY KEY,
            count INTEGER NOT NULL,
            events INTEGER NOT NULL,
            size INTEGER NOT NULL,
            total INTEGER NOT NULL,
            appended_at INTEGER NOT NULL,
            bundle BLOB NOT NULL
          )`,
  },
  {
    name: "0002_state",
    sql: "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), json TEXT NOT NULL)",
  },
];

/** The stored history is not the beginning of the list. */
export class MigrationError extends Error {
  override name = "MigrationError";
}

/**
 * Applies what is missing. Throws MigrationError when history was reordered or renamed. Steps of a newer version, run
 * before a rollback, are left alone: migrations only add.
 */
export function migrate(sql: Sql, migrations: readonly Migration[] = MIGRATIONS): void {
  sql.exec("CREATE TABLE IF NOT EXISTS migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL)");
  const applied = new Map<number, string>();
  for (const row of sql.exec("SELECT position, name FROM migrations ORDER BY position")) {
    applied.set(toNumber(row.position), toText(row.name));
  }
  for (const [position, migration] of migrations.entries()) {
    const name = applied.get(position);
    if (name === migration.name) continue;
    if (name !== undefined || applied.size > position) {
      throw new MigrationError(`migration ${position} is ${name ?? "missing"} here and ${migration.name} in the code`);
    }
    sql.exec(migration.sql);
    sql.exec("INSERT INTO migrations (position, name) VALUES (?, ?)", position, migration.name);
    applied.set(position, migration.name);
  }
}
