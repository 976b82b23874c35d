/** Vitest global set-up: starts ClickHouse for development once for a project, with both regions' databases migrated, and hands its address in. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startClickHouse } from "../../dev/clickhouse/spawn.ts";
import { migrateClickHouse, readMigrations } from "../../dev/clickhouse-migrations.ts";

declare module "vitest" {
  interface ProvidedContext {
    clickHouseUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), "tenfold-clickhouse-"));
  const server = await startClickHouse({ dataDir });
  for (const database of ["us", "eu"]) {
    await migrateClickHouse({ url: server.url, database, user: "default", password: "" }, readMigrations());
  }
  project.provide("clickHouseUrl", server.url);
  return async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
