/**
 * ClickHouse's HTTP interface over the engine of this process: paths, credentials, and an orderly end. Called by main.ts.
 * What happens to a query is in handler.ts.
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Engine } from "./engine.ts";
import { fromEngine, refuse } from "./errors.ts";
import { QueryHandler } from "./handler.ts";
import { type Credentials, parseRequest } from "./request.ts";
import { sendError } from "./response.ts";
import { Sessions } from "./sessions.ts";

/** ClickHouse's http_max_uri_size; Node counts the request line and the headers together. */
const MAX_HEADER_BYTES = 1024 * 1024 + 64 * 1024;
/** ClickHouse's keep_alive_timeout. */
const KEEP_ALIVE_MS = 30_000;
/** Time for running queries when the process is told to stop; reads still running are then killed. */
const GRACE_MS = 3_000;

export interface ClickHouseServer {
  port: number;
  stop(): Promise<void>;
}

export async function serve(engine: Engine, port: number, required?: Credentials): Promise<ClickHouseServer> {
  const sessions = new Sessions(() => engine.connect());
  const handler = new QueryHandler(engine, sessions);
  const active = new Map<ServerResponse, Promise<void>>();

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, (message, response) => {
    const work = route(message, response).catch((error: unknown) => sendError(response, fromEngine(error), engine));
    active.set(response, work);
    void work.finally(() => active.delete(response));
  });
  // A large insert may take longer to arrive than Node's default of five minutes.
  server.requestTimeout = 0;
  server.keepAliveTimeout = KEEP_ALIVE_MS;

  async function route(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? "/", "http://localhost");
    if (url.pathname === "/ping" || url.pathname === "/replicas_status") return plain(response, 200, "Ok.\n");
    if (url.pathname !== "/") return plain(response, 404, `There is no handle ${url.pathname}\n\nUse / or /ping.\n`);
    const method = message.method ?? "GET";
    if (method !== "GET" && method !== "POST" && method !== "HEAD") return plain(response, 405, "Use GET or POST.\n");
    if (method !== "POST" && !url.searchParams.get("query")) return plain(response, 200, "Ok.\n");
    const request = parseRequest(method, url.searchParams, message.headers);
    if (required !== undefined) authenticate(required, request.credentials);
    await handler.handle(message, response, request);
  }

  await listen(server, port);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");

  return {
    port: address.port,
    async stop() {
      server.close();
      server.closeIdleConnections();
      await settledWithin([...active.values()], GRACE_MS);
      // A closed connection kills its read; an insert is let through to its end.
      for (const response of active.keys()) response.destroy();
      await Promise.allSettled([...active.values()]);
      server.closeAllConnections();
      sessions.close();
    },
  };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
}

async function settledWithin(work: readonly Promise<unknown>[], ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled(work), timeout]);
  clearTimeout(timer);
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "Content-Type": "text/html; charset=UTF-8" });
  response.end(text);
}

function authenticate(required: Credentials, given: Credentials | undefined): void {
  const user = given?.user ?? "default";
  const sameUser = same(user, required.user);
  const samePassword = same(given?.password ?? "", required.password);
  if (sameUser && samePassword) return;
  const reason = "Authentication failed: password is incorrect, or there is no user with such name.";
  throw refuse("AUTHENTICATION_FAILED", `${user}: ${reason}`);
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
