/**
 * Builds what a deploy would ship: the web app with Vite, the Worker with wrangler (a dry run). Called by dev/system.
 * Skips a part whose sources have not changed since it was built.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inRoot } from "./paths.ts";

const WORKER_SOURCES = [
  "workers",
  "durable-objects",
  "queues",
  "workflows",
  "schema",
  "wrangler.toml",
  "package-lock.json",
];
const WEB_SOURCES = ["web", "schema", "vite.config.ts", "package-lock.json"];
const IGNORED = new Set(["node_modules", "dist", "migrations"]);

function* filesOf(path: string): Generator<string> {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) {
    yield path;
    return;
  }
  for (const name of readdirSync(path).sort()) if (!IGNORED.has(name)) yield* filesOf(join(path, name));
}

function digest(sources: readonly string[]): string {
  const hash = createHash("sha256");
  for (const source of sources)
    for (const file of filesOf(inRoot(source))) hash.update(file).update(readFileSync(file));
  return hash.digest("hex");
}

/** Runs a program of node_modules/.bin; rejects with its output when it fails. */
export function runTool(name: string, args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(inRoot("node_modules/.bin", name), args, {
      cwd: inRoot(),
      env: { ...process.env, ...env, WRANGLER_SEND_METRICS: "false", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk));
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${name} ${args.join(" ")} failed:\n${output}`)),
    );
  });
}

async function unlessFresh(
  stamp: string,
  sources: readonly string[],
  artefact: string,
  build: () => Promise<unknown>,
): Promise<void> {
  const now = digest(sources);
  if (existsSync(artefact) && existsSync(stamp) && readFileSync(stamp, "utf8") === now) return;
  await build();
  writeFileSync(stamp, now);
}

/** The built Worker's file. Output goes to node_modules/.cache/tenfold, so that test runs and `npm start` share it. */
export async function buildAll(): Promise<{ worker: string }> {
  const cache = inRoot("node_modules/.cache/tenfold");
  mkdirSync(cache, { recursive: true });
  const worker = join(cache, "worker", "index.js");
  await unlessFresh(join(cache, "web.stamp"), WEB_SOURCES, inRoot("web/dist/index.html"), () =>
    // Whoever runs this may have another: a test runner's would ship React's development build.
    runTool("vite", ["build", "--logLevel", "warn"], { NODE_ENV: "production" }),
  );
  await unlessFresh(join(cache, "worker.stamp"), WORKER_SOURCES, worker, () =>
    runTool("wrangler", ["deploy", "--dry-run", "--outdir", join(cache, "worker")]),
  );
  return { worker };
}
