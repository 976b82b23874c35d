/** An object that an earlier version wrote opens in this one, with its sessions joined and its slots where windows point. */
import { describe, expect, it } from "vitest";
import { SessionRegistry } from "../../../durable-objects/tenant-live/registry.ts";
import { readRegistryRow } from "../../../durable-objects/tenant-live/registry-codec.ts";
import { sessionView } from "../../../durable-objects/tenant-live/session-record.ts";
import { MIGRATIONS, migrate, type Sql } from "../../../durable-objects/tenant-live/tables.ts";
import { sqlite } from "../event-buffer/sqlite.ts";

const NOW = 1_000_000_000;

/** The one-statement-at-a-time reader of the fake, as the object's `exec`. */
function database(): Sql {
  const { sql } = sqlite();
  const exec = (text: string, ...bindings: never[]): unknown => {
    const statements = text.split(";").filter((statement) => statement.trim() !== "");
    const rows = statements.flatMap((statement) => [...sql.exec(statement, ...bindings)]);
    return Object.assign(rows, { one: () => rows[0] });
  };
  return { exec } as unknown as Sql;
}

/** Tables as version 1 left them. */
function versionOne(rows: readonly object[][]): Sql {
  const sql = database();
  sql.exec("CREATE TABLE migrations (version INTEGER PRIMARY KEY)");
  sql.exec(String(MIGRATIONS[0]));
  sql.exec("INSERT INTO migrations (version) VALUES (1)");
  rows.forEach((row, part) => {
    sql.exec("INSERT INTO registry (part, body) VALUES (?, ?)", part, JSON.stringify(row));
  });
  return sql;
}

const record = (slot: number, entry: string[], fields: object) => ({
  slot,
  entry,
  started_at: NOW - 900,
  last_at: NOW,
  ended_at: 0,
  events: 1,
  cost_nano_usd: 0,
  seq: 1,
  last_window: 7,
  ...fields,
});

describe("version 1", () => {
  const named = record(4, ["s", "ada", "red", "codex", "web", "main", "production"], { last_at: NOW - 500, events: 3 });
  const bare = record(1, ["s", "ada", "", "codex", "", "", "production"], {
    started_at: NOW - 50,
    ended_at: NOW,
    cost_nano_usd: 9,
  });
  const other = record(0, ["s", "eve", "", "codex", "", "", "production"], {});

  it("becomes one record per session and user, which keeps its slots", () => {
    const sql = versionOne([[named, other], [bare]]);
    migrate(sql);
    const bodies = [...sql.exec("SELECT body FROM registry ORDER BY part")].map(({ body }) => String(body));
    const registry = new SessionRegistry(bodies.flatMap(readRegistryRow));
    expect([...registry.records()].map((one) => sessionView(one, NOW))).toMatchObject([
      { user: "ada", repo: "web", team: "red", state: "ended", started_at: NOW - 900, events: 4, cost_nano_usd: 9 },
      { user: "eve", state: "running" },
    ]);
    expect([0, 1, 4].map((slot) => registry.entry(slot))).toEqual([other.entry, bare.entry, named.entry]);
    expect(registry.slotOf(["new", "eve", "", "", "", "", ""], NOW, 0)).toBe(3);
  });

  it("with no session, and a database of this version, are left as they are", () => {
    const sql = versionOne([]);
    migrate(sql);
    migrate(sql);
    expect([...sql.exec("SELECT max(version) AS n FROM migrations")]).toEqual([{ n: MIGRATIONS.length }]);
    sql.exec("INSERT INTO journal (slot, seq, part, at, body) VALUES (0, 1, 0, 1, x'00')");
  });
});
