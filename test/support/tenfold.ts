/**
 * The system as a user starts it: `npm start` in a process group of its own, with its own data directory and port, and without
 * demo agents. Used by the e2e and browser tests.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type DevJson, readDevJson } from "../../dev/dev-json.ts";
import { ROOT } from "../../dev/paths.ts";

export interface StartOptions {
  dataDir?: string;
  /** A free one by default. */
  port?: number;
  env?: Record<string, string>;
}

export interface Tenfold {
  url: string;
  devJson: DevJson;
  dataDir: string;
  /** Everything it printed so far. */
  output(): string;
  /** SIGKILL to all of it at once. */
  kill(): Promise<void>;
  /** Ctrl-C, and waits until it has drained and stopped. */
  stop(): Promise<void>;
}

const READY_MS = 120_000;
const STOP_MS = 90_000;

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

async function until(condition: () => boolean, timeoutMs: number, what: () => string): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !condition(); ) {
    if (Date.now() > deadline) throw new Error(what());
    await delay(50);
  }
}

/** True while a process of this id lives. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Runs `npm start` and waits for its ready line. */
export async function startTenfold(options: StartOptions = {}): Promise<Tenfold> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "tenfold-run-"));
  let output = "";
  const child = spawn("npm", ["start"], {
    cwd: ROOT,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TENFOLD_DATA: dataDir, PORT: String(options.port ?? 0), TENFOLD_DEMO: "0", ...options.env },
  });
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk));
  const ready = (): string | undefined => /^ready (\S+)$/m.exec(output)?.[1];
  await until(
    () => ready() !== undefined || ended(child),
    READY_MS,
    () => `npm start was not ready in time:\n${output}`,
  );
  const url = ready();
  if (url === undefined) throw new Error(`npm start ended before it was ready:\n${output}`);
  const devJson = readDevJson(dataDir);
  const group = child.pid ?? 0;
  const { main } = devJson.processes;
  const gone = () =>
    until(
      () => ended(child) && !alive(main),
      STOP_MS,
      () => `it did not stop:\n${output}`,
    );
  return {
    url,
    devJson,
    dataDir,
    output: () => output,
    kill: async () => {
      // Two groups: npm with the bootstrap, and the system, which leads its own.
      for (const pid of [-main, -group]) if (alive(pid)) process.kill(pid, "SIGKILL");
      await gone();
    },
    stop: async () => {
      if (!ended(child)) process.kill(-group, "SIGINT");
      await gone();
    },
  };
}
