/**
 * Starts ClickHouse for development as a child process. Called by `npm start`, the tests and the benches. It holds no data and
 * restarts nothing: a child that ends stays ended.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface StartOptions {
  dataDir: string;
  /** A free one by default. */
  port?: number;
  /** Without a user nobody is asked for a password. */
  user?: string;
  password?: string;
}

export interface RunningClickHouse {
  url: string;
  pid: number;
  /** Lets inserts finish and closes the engine. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

const NODE = join(import.meta.dirname, "../../node_modules/.bin/node");
const MAIN = join(import.meta.dirname, "main.ts");
/** Loading a large data directory takes seconds; a predecessor may hold its lock for some more. */
const READY_TIMEOUT_MS = 60_000;
/** A child that does not end within this after SIGTERM is killed; the engine recovers from that. */
const STOP_TIMEOUT_MS = 20_000;

export async function startClickHouse(options: StartOptions): Promise<RunningClickHouse> {
  const args = [MAIN, "--data", options.dataDir, "--port", String(options.port ?? 0)];
  // With "=", for a random password may begin with a dash.
  if (options.user !== undefined) args.push(`--user=${options.user}`, `--password=${options.password ?? ""}`);
  // The IPC channel carries nothing: it closes when this process ends, and the child then ends too.
  const child = spawn(NODE, args, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  const exited = once(child, "exit").then(() => undefined);
  const url = await readUrl(child, exited);
  const { pid } = child;
  if (pid === undefined) throw new Error("ClickHouse for development has no process id");
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  };
  return { url, pid, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}

async function readUrl(child: ChildProcess, exited: Promise<void>): Promise<string> {
  if (child.stdout === null) throw new Error("ClickHouse for development has no stdout");
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<string>((resolve) => {
    lines.on("line", (line) => {
      const url = /^clickhouse ready (\S+)$/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, READY_TIMEOUT_MS, undefined);
  });
  const url = await Promise.race([ready, exited, late]);
  clearTimeout(timer);
  if (url !== undefined) return url;
  child.kill("SIGKILL");
  throw new Error(`ClickHouse for development did not start (exit code ${child.exitCode})`);
}
