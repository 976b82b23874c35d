/**
 * First step of every npm script, in plain JavaScript for Node 20: installs what the lock file says when node_modules does not
 * match it, then runs the command on the project's own Node 24. Called by package.json only.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE = join(ROOT, "node_modules", ".bin", "node");
const STAMP = join(ROOT, "node_modules", ".tenfold-lock");
const COMMANDS = {
  start: "dev/start.ts",
  dev: "dev/watch.ts",
  test: "dev/test.ts",
  bench: "bench/main.ts",
  import: "dev/import/main.ts",
  migrate: "dev/migrate-command.ts",
  replay: "dev/replay.ts",
  rollup: "dev/rollup.ts",
  tenant: "dev/tenant/main.ts",
  generate: "dev/generate.ts",
  provision: "ops/provision/main.ts",
  "deploy-check": "ops/provision/check-main.ts",
  chaos: "dev/chaos/main.ts",
};

const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 20) fail(`Node 20 or later is needed, this is ${process.versions.node}`);

const [command = "", ...args] = process.argv.slice(2);
const script = COMMANDS[command];
if (script === undefined) fail(`unknown command "${command}"; known: ${Object.keys(COMMANDS).join(", ")}`);

install();
// A process group of its own: Ctrl-C reaches this process alone, which passes it on, so that the system can drain its queues
// before anything it started is gone. The IPC channel tells the child when this process is gone.
const child = spawn(NODE, ["--disable-warning=ExperimentalWarning", join(ROOT, script), ...args], {
  cwd: ROOT,
  detached: true,
  stdio: ["ignore", "inherit", "inherit", "ipc"],
  env: {
    ...process.env,
    PATH: `${join(ROOT, "node_modules", ".bin")}:${process.env.PATH ?? ""}`,
    WRANGLER_SEND_METRICS: "false",
  },
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => child.kill(signal === "SIGHUP" ? "SIGTERM" : signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));

/** Runs `npm ci` unless node_modules was installed from this very lock file. */
function install() {
  const wanted = createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .digest("hex");
  const have = existsSync(STAMP) ? readFileSync(STAMP, "utf8").trim() : "";
  if (have === wanted && existsSync(NODE)) return;
  console.log("installing packages (once, about a minute) ...");
  const result = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.status !== 0) fail("npm ci failed; see above");
  if (!existsSync(NODE))
    fail(`npm ci left no ${NODE}; is there a build of the "node" package for ${process.platform}-${process.arch}?`);
  writeFileSync(STAMP, `${wanted}\n`);
}

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exit(1);
}
