/** Tables and tenants for the tests of this folder. */
import { drizzle } from "drizzle-orm/d1";
import { orgs } from "../../../schema/d1/config.ts";

const migrations = import.meta.glob<string>("../../../schema/d1/migrations/config/*.sql", {
  query: "?raw",
  import: "default",
  eager: true,
});

export async function migrateConfig(database: D1Database): Promise<void> {
  for (const [, text] of Object.entries(migrations).sort()) {
    for (const statement of text.split("--> statement-breakpoint")) await database.prepare(statement.trim()).run();
  }
}

export async function makeOrg(database: D1Database, orgId: string, residency: "us" | "eu" | "global"): Promise<void> {
  const now = new Date();
  const primaryRegion = residency === "eu" ? "eu" : "us";
  const row = { orgId, name: orgId, slug: orgId, residency, primaryRegion, createdAt: now, updatedAt: now } as const;
  await drizzle(database).insert(orgs).values(row);
}
