/**
 * Applies the drizzle migrations to the local D1 databases, tracked in `d1_migrations` as `wrangler d1 migrations apply` does.
 * Called by `npm start` and the tests; deployments use wrangler itself.
 */
import { readdirSync, readFileSync } from "node:fs";
import { inRoot } from "./paths.ts";

/** What the migrator needs of a D1 database; miniflare's proxy and the binding both fit. */
export interface MigratableDatabase {
  prepare(query: string): {
    bind(...values: unknown[]): { run(): Promise<unknown> };
    all(): Promise<{ results: unknown[] }>;
    run(): Promise<unknown>;
  };
}

export type D1Kind = "routing" | "config";

const TRACKING =
  "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)";

/** The statements of each migration file, in order. */
export function d1Migrations(kind: D1Kind): { name: string; statements: string[] }[] {
  const folder = inRoot("schema/d1/migrations", kind);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({
      name,
      statements: readFileSync(`${folder}/${name}`, "utf8")
        .split("--> statement-breakpoint")
        .map((statement) => statement.trim())
        .filter((statement) => statement !== ""),
    }));
}

/** Applies what is missing. */
export async function migrateD1(database: MigratableDatabase, kind: D1Kind): Promise<void> {
  await database.prepare(TRACKING).run();
  const { results } = await database.prepare("SELECT name FROM d1_migrations").all();
  const applied = new Set(
    results.map((row) => (typeof row === "object" && row !== null && "name" in row ? row.name : undefined)),
  );
  for (const { name, statements } of d1Migrations(kind)) {
    if (applied.has(name)) continue;
    for (const statement of statements) await database.prepare(statement).run();
    await database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(name).run();
  }
}
