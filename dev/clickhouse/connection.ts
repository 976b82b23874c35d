/**
 * One connection to the engine, reused by many requests: before each it is brought to the database, settings and parameters
 * that request asked for. Called by engine.ts. It does not decide who may use it when (slots.ts).
 */

import { type ChdbResult, Session } from "chdb";
import { sqlString } from "./statement.ts";

export interface Scope {
  database: string;
  settings: ReadonlyMap<string, string>;
  parameters: ReadonlyMap<string, string>;
}

/** Parameters travel in a SET statement, and one of them may be long; the statements of callers are measured in handler.ts. */
const MAX_SET_BYTES = 64 * 1024 * 1024;

/**
 * Where the engine in process differs from a server: there a bare expression is no query, an empty insert is no error, and a
 * file of rows is read rather than mapped (mapped, a spooled 2 GB insert counts as 2 GB of resident memory).
 */
const SERVER_DEFAULTS = new Map([
  ["implicit_select", "0"],
  ["allow_introspection_functions", "0"],
  ["throw_if_no_data_to_insert", "0"],
  ["storage_file_read_method", "pread"],
  ["max_query_size", String(MAX_SET_BYTES)],
]);

/** The statements that lead from one scope to another; parameters that are no longer given stay, parameterNames() guards them. */
export function transition(from: Scope, to: Scope): string[] {
  const statements: string[] = [];
  const stale = [...from.settings.keys()].filter((name) => !to.settings.has(name));
  const changed = [...to.settings].filter(([name, value]) => from.settings.get(name) !== value);
  const parameters = [...to.parameters].filter(([name, value]) => from.parameters.get(name) !== value);
  const touchesSettings = stale.length > 0 || changed.length > 0;
  // A read-only connection refuses every other change, so it is opened first and closed last.
  if (touchesSettings && from.settings.has("readonly")) statements.push("SET readonly = DEFAULT");
  if (from.database !== to.database) statements.push(`USE ${sqlIdentifier(to.database)}`);
  const assignments = [
    ...stale.map((name) => `${name} = ${serverDefault(name)}`),
    ...changed.filter(([name]) => name !== "readonly").map(([name, value]) => `${name} = ${sqlString(value)}`),
    ...parameters.map(([name, value]) => `param_${name} = ${sqlString(value)}`),
  ];
  if (assignments.length > 0) statements.push(`SET ${assignments.join(", ")}`);
  const readonly = to.settings.get("readonly");
  if (readonly !== undefined && touchesSettings) statements.push(`SET readonly = ${sqlString(readonly)}`);
  return statements;
}

function serverDefault(name: string): string {
  const value = SERVER_DEFAULTS.get(name);
  return value === undefined ? "DEFAULT" : sqlString(value);
}

function sqlIdentifier(name: string): string {
  return `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}

export class Connection {
  #session: Session;
  #scope: Scope = { database: "default", settings: new Map(), parameters: new Map() };
  #prepared = false;

  constructor(directory: string) {
    this.#session = new Session(directory);
  }

  /** When this throws the connection is in an unknown state and must be closed. */
  async enter(scope: Scope): Promise<void> {
    if (!this.#prepared) {
      await this.run(`SET ${[...SERVER_DEFAULTS].map(([name, value]) => `${name} = ${sqlString(value)}`).join(", ")}`);
      this.#prepared = true;
    }
    for (const statement of transition(this.#scope, scope)) await this.run(statement);
    this.#scope = { ...scope, parameters: new Map([...this.#scope.parameters, ...scope.parameters]) };
  }

  run(sql: string, format = "TabSeparated"): Promise<ChdbResult> {
    return this.#session.queryAsync(sql, { format });
  }

  close(): void {
    this.#session.close();
  }
}
