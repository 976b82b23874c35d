import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningClickHouse, startClickHouse } from "../../dev/clickhouse/spawn.ts";
import { migrateClickHouse, readMigrations, splitStatements } from "../../dev/clickhouse-migrations.ts";

let server: RunningClickHouse;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "tenfold-migrations-"));
  server = await startClickHouse({ dataDir });
});
afterAll(async () => {
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const targetOf = (database: string) => ({ url: server.url, database, user: "default", password: "" });
const file = (name: string, checksum: string, ...statements: string[]) => ({ name, checksum, statements });
const A = file("0001_a.sql", "one", "CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = MergeTree ORDER BY x");
const B = file("0002_b.sql", "two", "CREATE TABLE IF NOT EXISTS b (x UInt8) ENGINE = MergeTree ORDER BY x");

async function ask(database: string, query: string): Promise<string> {
  const response = await fetch(`${server.url}/?database=${database}`, { method: "POST", body: query });
  return (await response.text()).trim();
}

describe("migrations of ClickHouse", () => {
  it("are applied once each, in order, and a new one later", async () => {
    expect(await migrateClickHouse(targetOf("once"), [A])).toEqual(["0001_a.sql"]);
    expect(await migrateClickHouse(targetOf("once"), [A])).toEqual([]);
    expect(await migrateClickHouse(targetOf("once"), [A, B])).toEqual(["0002_b.sql"]);
    expect(await ask("once", "SELECT groupArray(name) FROM (SELECT name FROM schema_migrations ORDER BY name)")).toBe(
      "['0001_a.sql','0002_b.sql']",
    );
  });

  it("refuse a file that was changed, or is gone, after it was applied, and then apply nothing", async () => {
    await migrateClickHouse(targetOf("changed"), [A]);
    await expect(migrateClickHouse(targetOf("changed"), [{ ...A, checksum: "other" }, B])).rejects.toThrow(
      "0001_a.sql was changed",
    );
    await expect(migrateClickHouse(targetOf("changed"), [B])).rejects.toThrow("0001_a.sql is gone");
    expect(await ask("changed", "EXISTS TABLE b")).toBe("0");
  });

  it("are tried again from the failed file on", async () => {
    const broken = file("0002_b.sql", "two", "CREATE TABLE b (x NoSuchType) ENGINE = MergeTree ORDER BY x");
    await expect(migrateClickHouse(targetOf("broken"), [A, broken])).rejects.toThrow();
    expect(await migrateClickHouse(targetOf("broken"), [A, B])).toEqual(["0002_b.sql"]);
  });

  it("of the product may each be repeated after a crash between its statements and its record", async () => {
    await migrateClickHouse(targetOf("product"), readMigrations());
    const before = await ask(
      "product",
      "SELECT name, create_table_query FROM system.tables WHERE database = 'product' ORDER BY name",
    );
    for (const { name } of readMigrations()) {
      await ask("product", `ALTER TABLE schema_migrations DELETE WHERE name = '${name}' SETTINGS mutations_sync = 1`);
      expect(await migrateClickHouse(targetOf("product"), readMigrations())).toEqual([name]);
    }
    const after = await ask(
      "product",
      "SELECT name, create_table_query FROM system.tables WHERE database = 'product' ORDER BY name",
    );
    const withoutIds = (text: string): string => text.replaceAll(/UUID '[^']*'/g, "");
    expect(withoutIds(after)).toBe(withoutIds(before));
  });

  it("forget every rollup when the windows are made anew, so that these come back", async () => {
    const target = targetOf("windows");
    await migrateClickHouse(target, readMigrations());
    await ask(
      "windows",
      "INSERT INTO rollup_runs (org_id, kind, bucket, generation, state) VALUES ('o', 'hour', now(), 1, 'done')",
    );
    await ask("windows", "ALTER TABLE schema_migrations DELETE WHERE name LIKE '0005%' SETTINGS mutations_sync = 1");
    await migrateClickHouse(target, readMigrations());
    expect(await ask("windows", "SELECT count() FROM rollup_runs")).toBe("0");
  });

  it("are split at semicolons that end a line, without comments", () => {
    expect(splitStatements("-- a; b\nSELECT ';';\n\nSELECT 2\n;\n")).toEqual(["SELECT ';'", "SELECT 2"]);
  });
});
