/** A server for one test file, plain requests to it, and waiting with a timeout. Used by the tests of this folder only. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouseClient, createClient } from "@clickhouse/client-web";
import { type RunningClickHouse, startClickHouse } from "../../dev/clickhouse/spawn.ts";

export interface Answer {
  status: number;
  text: string;
  headers: Headers;
}

export interface TestServer {
  url: string;
  pid: number;
  dataDir: string;
  client: ClickHouseClient;
  /** POST of a statement; `search` goes into the URL. */
  post(body: RequestInit["body"], search?: Record<string, string>, init?: RequestInit): Promise<Answer>;
  /** POST that must succeed; gives the text without the last line break. */
  ok(query: string, search?: Record<string, string>): Promise<string>;
  close(): Promise<void>;
}

export async function startTestServer(options: { user?: string; password?: string } = {}): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), "tenfold-clickhouse-"));
  const server = await startClickHouse({ dataDir, ...options });
  return attach(server, dataDir);
}

export function attach(server: RunningClickHouse, dataDir: string): TestServer {
  const { url, pid } = server;
  const client = createClient({ url, request_timeout: 30_000 });
  const post: TestServer["post"] = (body, search = {}, init = {}) =>
    send(`${url}/?${new URLSearchParams(search)}`, { method: "POST", body: body ?? null, ...init });
  return {
    url,
    pid,
    dataDir,
    client,
    post,
    async ok(query, search) {
      const answer = await post(query, search);
      if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
      return answer.text.replace(/\n$/, "");
    },
    async close() {
      await client.close();
      await server.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

export async function send(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const POLL_MS = 20;

export async function until(
  what: string,
  condition: () => Promise<boolean> | boolean,
  timeoutMs = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`timed out waiting until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Resident memory of a process in bytes; Linux only. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024;
}

/** Gone, or a zombie that only waits to be collected. */
export async function isGone(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State:\tX");
  return /State:\s+[XZ]/.test(status);
}
