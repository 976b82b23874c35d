import { expect, test } from "vitest";
import { MIGRATIONS, MigrationError, migrate } from "../../../durable-objects/event-buffer/migrations.ts";
import { sqlite } from "./sqlite.ts";

const A = { name: "a", sql: "CREATE TABLE a (x)" };
const B = { name: "b", sql: "CREATE TABLE b (x)" };
const C = { name: "c", sql: "CREATE TABLE c (x)" };

test("every step runs once, and a longer list brings an old object forward", () => {
  const { sql } = sqlite();
  migrate(sql, [A]);
  migrate(sql, [A]);
  migrate(sql, [A, B]);
  expect([...sql.exec("SELECT name FROM migrations ORDER BY position")]).toEqual([{ name: "a" }, { name: "b" }]);
});

test.each([
  ["reordered", [B, A]],
  ["renamed", [A, C]],
  ["with a step slipped in", [C, A, B]],
])("history that was %s is refused", (_, list) => {
  const { sql } = sqlite();
  migrate(sql, [A, B]);
  expect(() => migrate(sql, list)).toThrow(MigrationError);
});

test("an object that a newer version has touched still opens after a rollback", () => {
  const { sql } = sqlite();
  migrate(sql, [A, B, C]);
  expect(() => migrate(sql, [A, B])).not.toThrow();
});

test("released steps keep their names and places", () => {
  expect(MIGRATIONS.map(({ name }) => name)).toEqual(["0001_packs", "0002_state"]);
});
