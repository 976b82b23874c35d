/**
 * `npm run migrate [-- --env staging]`: D1 migrations by wrangler and ClickHouse migrations by HTTP, before a deploy.
 * ClickHouse is reached by CLICKHOUSE_US_URL, _DATABASE, _USER, _PASSWORD and the same with EU, from the environment.
 * Locally `npm start` migrates by itself.
 */
import { parseArgs } from "node:util";
import { z } from "zod";
import { runTool } from "./build.ts";
import { migrateClickHouse, readMigrations } from "./clickhouse-migrations.ts";

const DATABASES = ["ROUTING_DB", "CONFIG_DB", "CONFIG_DB_EU"];

const { values } = parseArgs({ options: { env: { type: "string", default: "production" } } });

for (const region of ["US", "EU"] as const) {
  const read = (name: string, fallback?: string) => process.env[`CLICKHOUSE_${region}_${name}`] ?? fallback;
  const target = z
    .object({ url: z.url(), database: z.string().min(1), user: z.string(), password: z.string() })
    .safeParse({
      url: read("URL"),
      database: read("DATABASE"),
      user: read("USER", "default"),
      password: read("PASSWORD", ""),
    });
  if (!target.success) {
    console.error(`set CLICKHOUSE_${region}_URL and CLICKHOUSE_${region}_DATABASE (and _USER, _PASSWORD)`);
    process.exit(1);
  }
  const applied = await migrateClickHouse(target.data, readMigrations());
  console.log(`ClickHouse ${region}: ${applied.length === 0 ? "nothing to do" : applied.join(", ")}`);
}
for (const database of DATABASES) {
  console.log(await runTool("wrangler", ["d1", "migrations", "apply", database, "--remote", "--env", values.env]));
}
