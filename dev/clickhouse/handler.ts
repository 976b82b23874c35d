/**
 * One query from request to answer: read the statement, run it, send what it gives. Called by server.ts, which has already
 * checked the path and the credentials.
 */

import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readText, receive } from "./body.ts";
import type { Engine } from "./engine.ts";
import { ClickHouseError, fromEngine, refuse } from "./errors.ts";
import { addParameter, type QueryRequest } from "./request.ts";
import { type AnswerOptions, sendError, sendRun } from "./response.ts";
import { type Run, type RunInput, runCommand, runInsert, runSelect } from "./run.ts";
import type { Sessions } from "./sessions.ts";
import { parameterNames, type Statement } from "./statement.ts";

const RESULT_FORMAT = "TabSeparated";
const ROWS_FORMAT = "Values";

export class QueryHandler {
  readonly #engine: Engine;
  readonly #sessions: Sessions;
  readonly #running = new Set<string>();

  constructor(engine: Engine, sessions: Sessions) {
    this.#engine = engine;
    this.#sessions = sessions;
  }

  async handle(message: IncomingMessage, response: ServerResponse, request: QueryRequest): Promise<void> {
    const queryId = request.queryId ?? randomUUID();
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const file = this.#engine.newFile();
    let entered: QueryRequest["session"];
    let owned = false;
    try {
      await readMultipart(message, request);
      const received = await receive(message, request.query, file);
      if (Buffer.byteLength(received.text) > request.maxQueryBytes) {
        const limit = `${request.maxQueryBytes} bytes (can be increased with the \`max_query_size\` setting)`;
        throw refuse("SYNTAX_ERROR", `Max query size exceeded: ${limit}`);
      }
      if (this.#running.has(queryId)) {
        throw refuse("QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING", `Query with id = ${queryId} is already running.`);
      }
      this.#running.add(queryId);
      owned = true;
      const connection = request.session && this.#sessions.enter(request.session);
      entered = request.session;
      requireParameters(received.text, request.parameters);
      const database = request.database ?? "default";
      const scope = { database, settings: request.settings, parameters: request.parameters };
      const input = { text: received.text, scope, connection, signal: gone.signal };
      await this.#answer(response, request, queryId, received.statement, input, { path: file, ...received });
    } catch (error) {
      // A request that broke off has nobody to answer to, and its rows were never given to the engine.
      if (message.errored && !(error instanceof ClickHouseError)) response.destroy();
      else sendError(response, fromEngine(error), this.#engine, queryId);
    } finally {
      if (owned) this.#running.delete(queryId);
      if (entered) this.#sessions.leave(entered);
      await rm(file, { force: true });
    }
  }

  async #answer(
    response: ServerResponse,
    request: QueryRequest,
    queryId: string,
    statement: Statement,
    input: RunInput,
    data: { path: string; compression: string },
  ): Promise<void> {
    const { acceptEncoding, bufferBytes } = request;
    const format = request.defaultFormat ?? RESULT_FORMAT;
    const options: AnswerOptions = { queryId, format, acceptEncoding, bufferBytes, writes: false };
    switch (statement.kind) {
      case "empty":
        throw refuse("SYNTAX_ERROR", "Empty query");
      case "insert": {
        const rows = statement.format ?? request.defaultFormat ?? ROWS_FORMAT;
        const outcome = await runInsert(this.#engine, input, statement, rows, data);
        const run: Run = { output: nothing(), done: Promise.resolve(outcome) };
        return sendRun(response, run, this.#engine, { ...options, format: RESULT_FORMAT, writes: true });
      }
      case "select": {
        const run = await runSelect(this.#engine, input, statement, format, request.waitEndOfQuery);
        return sendRun(response, run, this.#engine, { ...options, format: statement.format ?? format });
      }
      case "command": {
        const run = await runCommand(this.#engine, input, format, statement.scoped);
        return sendRun(response, run, this.#engine, { ...options, format: statement.format ?? format });
      }
    }
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function requireParameters(text: string, given: ReadonlyMap<string, string>): void {
  const missing = parameterNames(text).find((name) => !given.has(name));
  if (missing !== undefined) throw refuse("UNKNOWN_QUERY_PARAMETER", `Substitution \`${missing}\` is not set.`);
}

/** The form in which clients send long parameters: `query` and `param_*` as fields. Rows in such a form are not supported. */
async function readMultipart(message: IncomingMessage, request: QueryRequest): Promise<void> {
  const type = message.headers["content-type"] ?? "";
  if (!/^multipart\/form-data\b/i.test(type)) return;
  const body = await readText(message);
  const form = await new Response(body, { headers: { "Content-Type": type } }).formData();
  for (const [name, value] of form) {
    if (typeof value !== "string") throw refuse("NOT_IMPLEMENTED", `External table ${name} is not implemented here`);
    if (name === "query") request.query += value;
    else if (name.startsWith("param_")) addParameter(request.parameters, name, value);
    else throw refuse("NOT_IMPLEMENTED", `External table ${name} is not implemented here`);
  }
}
