/** A Durable Object's SQLite interface over node:sqlite, so that PackStore runs in node. A "restart" is a new PackStore over it. */
import { DatabaseSync } from "node:sqlite";
import { type SqlDatabase, type SqlValue, toBytes, toNumber } from "../../../durable-objects/event-buffer/sql.ts";

export interface CountedDatabase extends SqlDatabase {
  /** Rows written since the start, as SQLite counts changes. */
  rowsWritten(): number;
}

export function sqlite(): CountedDatabase {
  const db = new DatabaseSync(":memory:");
  return {
    sql: {
      exec(query, ...bindings) {
        const statement = db.prepare(query);
        return statement.all(...bindings.map(bindable)).map((row) => readable(row));
      },
    },
    transactionSync(work) {
      db.exec("BEGIN");
      try {
        const result = work();
        db.exec("COMMIT");
        return result;
      } catch (error) {
        db.exec("ROLLBACK");
        throw error;
      }
    },
    rowsWritten: () => toNumber(readable(db.prepare("SELECT total_changes() AS n").get() ?? {}).n),
  };
}

function bindable(value: SqlValue): Uint8Array | string | number | null {
  return value instanceof ArrayBuffer ? toBytes(value) : value;
}

function readable(row: Record<string, unknown>): Record<string, SqlValue> {
  const columns: Record<string, SqlValue> = {};
  for (const [name, value] of Object.entries(row)) {
    if (value === null || typeof value === "string" || typeof value === "number" || value instanceof Uint8Array) {
      columns[name] = value;
    } else throw new TypeError(`${name} has a type that SQLite in workerd does not give`);
  }
  return columns;
}
