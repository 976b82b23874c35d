/**
 * A fake of Tenfold for tests of the page: serves the built page with its headers, sign-in, /me and a scripted live socket.
 * Used by test/browser/fake-page.ts. It computes nothing: the test says what the socket answers.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type { z } from "zod";
import type { MeAnswerSchema } from "../../schema/api/auth.ts";
import { type ClientFrame, ClientFrameSchema, PING, PONG, type ServerFrame } from "../../schema/live.ts";
import { acceptWebSocket, type FakeSocket } from "./fake-websocket.ts";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const COOKIE = "fake-session=1";
export const FAKE_LOGIN = { email: "ada@acme.test", password: "correct horse" };

export type FakeMe = z.infer<typeof MeAnswerSchema>;

export interface FakeConnection {
  url: URL;
  socket: FakeSocket;
  send(frame: ServerFrame): void;
}

/** An answer of the API: a body as the schema says, or a refusal. */
export type FakeAnswer = { body: unknown } | { status: number; code: string; message: string; retryAfter?: number };

/** What the test decides; it may change any of it while the page runs. */
export interface FakeScript {
  me(org: string | null): FakeMe | { status: number; code: string; message: string };
  /** Called for each accepted connection, and again for each FILTER. */
  live(connection: FakeConnection, message: ClientFrame | null): void;
  /** Every other address under /api/v1/ of somebody signed in; null: 404. */
  api?(url: URL, method: string, body: string): FakeAnswer | null;
  /** Sign-in answers this instead of checking the password. */
  signIn?: { status: number; code: string; message: string; retryAfter?: number };
}

export interface FakeTenfold {
  url: string;
  script: FakeScript;
  /** Live connections, oldest first. */
  connections: FakeConnection[];
  /** Ends every session: what asks next gets 401. */
  signOutEveryone(): void;
  /** Stops answering and breaks every connection, as a killed process does. */
  kill(): Promise<void>;
  /** Listens again at the same address. */
  restart(): Promise<void>;
}

/** Serves the page built into `dist`. */
export async function startFakeTenfold(dist: string, script: FakeScript): Promise<FakeTenfold> {
  let sessions = true;
  const headers = await readHeaders(dist);
  const connections: FakeConnection[] = [];
  const fake: FakeTenfold = {
    url: "",
    script,
    connections,
    signOutEveryone: () => {
      sessions = false;
    },
    kill: async () => {
      for (const { socket } of connections.splice(0)) socket.drop();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
    restart: () => listen(Number(new URL(fake.url).port)),
  };
  const signedIn = (request: IncomingMessage): boolean => sessions && (request.headers.cookie ?? "").includes(COOKIE);

  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", fake.url);
    if (url.pathname === "/api/auth/sign-in/email") {
      const body: unknown = JSON.parse(await textOf(request));
      const { signIn } = fake.script;
      if (signIn !== undefined) return refuse(response, signIn);
      const expected = JSON.stringify(FAKE_LOGIN);
      if (JSON.stringify(body) !== expected) {
        return refuse(response, { status: 401, code: "unauthorized", message: "wrong" });
      }
      sessions = true;
      response.writeHead(200, { "content-type": "application/json", "set-cookie": `${COOKIE}; HttpOnly; Path=/` });
      response.end("{}");
    } else if (url.pathname === "/api/auth/sign-out") {
      sessions = false;
      json(response, 200, { success: true });
    } else if (url.pathname === "/api/v1/me") {
      if (!signedIn(request)) return refuse(response, { status: 401, code: "unauthorized", message: "sign in" });
      const me = fake.script.me(url.searchParams.get("org"));
      if ("status" in me) refuse(response, me);
      else json(response, 200, me);
    } else if (url.pathname.startsWith("/api/v1/") && fake.script.api !== undefined) {
      if (!signedIn(request)) return refuse(response, { status: 401, code: "unauthorized", message: "sign in" });
      const answered = fake.script.api(url, request.method ?? "GET", await textOf(request));
      if (answered === null) refuse(response, { status: 404, code: "not_found", message: "there is nothing here" });
      else if ("status" in answered) refuse(response, answered);
      else json(response, 200, answered.body);
    } else await serveFile(dist, url.pathname, headers, response);
  };
  server.on("upgrade", (request, stream) => {
    const url = new URL(request.url ?? "/", fake.url);
    if (url.pathname !== "/api/v1/live" || !signedIn(request) || request.headers.origin !== new URL(fake.url).origin) {
      stream.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const socket = acceptWebSocket(
      request,
      stream,
      (text) => {
        if (text === PING) socket.send(PONG);
        else fake.script.live(connection, ClientFrameSchema.parse(JSON.parse(text)));
      },
      () => {
        const at = connections.indexOf(connection);
        if (at >= 0) connections.splice(at, 1);
      },
    );
    const connection: FakeConnection = { url, socket, send: (frame) => socket.send(JSON.stringify(frame)) };
    connections.push(connection);
    fake.script.live(connection, null);
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve) => server.listen(port, "127.0.0.1", () => resolve()));
  await listen(0);
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}

/** The headers that web/public/_headers gives every page, the content security policy among them. */
async function readHeaders(dist: string): Promise<Record<string, string>> {
  const text = await readFile(join(dist, "_headers"), "utf8");
  const block = text.split(/\n(?=\/)/).find((part) => part.startsWith("/*\n")) ?? "";
  const lines = block
    .split("\n")
    .slice(1)
    .filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line): [string, string] => [
      line.slice(0, line.indexOf(":")).trim(),
      line.slice(line.indexOf(":") + 1).trim(),
    ]),
  );
}

async function serveFile(
  dist: string,
  path: string,
  headers: Record<string, string>,
  response: ServerResponse,
): Promise<void> {
  const file = extname(path) === "" ? "/index.html" : normalize(path);
  try {
    const bytes = await readFile(join(dist, file));
    response.writeHead(200, { ...headers, "content-type": TYPES[extname(file)] ?? "application/octet-stream" });
    response.end(bytes);
  } catch {
    response.writeHead(404).end();
  }
}

function refuse(
  response: ServerResponse,
  answer: { status: number; code: string; message: string; retryAfter?: number },
): void {
  if (answer.retryAfter !== undefined) response.setHeader("retry-after", String(answer.retryAfter));
  json(response, answer.status, {
    error: { code: answer.code, message: answer.message, request_id: "7f3c9a52-1d0e-4b7a-9a51-0c2f6f1f8e21" },
  });
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString("utf8");
}
