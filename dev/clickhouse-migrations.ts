/**
 * Applies schema/clickhouse/*.sql to one database, in order, once each. Forward only: an applied file that has changed since,
 * or that is gone, is refused. Called by `npm start` and `npm run migrate`; the same on chDB and ClickHouse Cloud.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createClient } from "@clickhouse/client-web";
import { z } from "zod";
import type { ClickHouseTarget } from "../workers/shared/env.ts";
import { inRoot } from "./paths.ts";

interface Migration {
  name: string;
  checksum: string;
  statements: string[];
}

const AppliedSchema = z.array(z.object({ name: z.string(), checksum: z.string() }));

/** Statements of a file: separated by a semicolon at a line's end; comments go. */
export function splitStatements(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("--"))
    .join("\n")
    .split(/;\s*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

/** The migrations in `folder`, by name. */
export function readMigrations(folder: string = inRoot("schema/clickhouse")): Migration[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => {
      const text = readFileSync(`${folder}/${name}`, "utf8");
      return { name, checksum: createHash("sha256").update(text).digest("hex"), statements: splitStatements(text) };
    });
}

/** Applies what is missing; resolves to the names applied. Rejects when history was rewritten. */
export async function migrateClickHouse(target: ClickHouseTarget, migrations: readonly Migration[]): Promise<string[]> {
  const { url, user, password, database } = target;
  const server = createClient({ url, username: user, password });
  await server.command({ query: "CREATE DATABASE IF NOT EXISTS {name:Identifier}", query_params: { name: database } });
  await server.close();
  const client = createClient({ url, username: user, password, database });
  try {
    await client.command({
      query:
        "CREATE TABLE IF NOT EXISTS schema_migrations (name String, checksum String, applied_at DateTime DEFAULT now()) ENGINE = MergeTree ORDER BY name",
    });
    const rows = await client.query({
      query: "SELECT name, checksum FROM schema_migrations ORDER BY name",
      format: "JSONEachRow",
    });
    const applied = new Map(AppliedSchema.parse(await rows.json()).map((row) => [row.name, row.checksum]));
    for (const name of applied.keys()) {
      if (!migrations.some((migration) => migration.name === name))
        throw new Error(`applied migration ${name} is gone`);
    }
    const done: string[] = [];
    for (const { name, checksum, statements } of migrations) {
      const known = applied.get(name);
      if (known === checksum) continue;
      if (known !== undefined) throw new Error(`migration ${name} was changed after it was applied; write a new one`);
      for (const query of statements) await client.command({ query });
      await client.insert({ table: "schema_migrations", values: [{ name, checksum }], format: "JSONEachRow" });
      done.push(name);
    }
    return done;
  } finally {
    await client.close();
  }
}
