/**
 * One bare workerd process around one bundled script: no wrangler, no miniflare, nothing between the socket and the handler.
 * Used by the benches. Queues go to a second service that reads and forgets.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import { inRoot } from "../../dev/paths.ts";

export interface Workerd {
  port: number;
  pid: number;
  stop(): void;
}

const START_MS = 15_000;

const SINK = `export default { async fetch(request) { await request.arrayBuffer(); return Response.json({ metadata: { metrics: { backlogCount: 0, backlogBytes: 0 } } }); } };`;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function config(port: number, queues: readonly string[], text: Record<string, string>): string {
  const bindings = [
    ...queues.map((name) => `(name = "${name}", queue = "sink")`),
    ...Object.entries(text).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "sink", worker = .sink)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  bindings = [${bindings.join(", ")}],
);
const sink :Workerd.Worker = (
  modules = [(name = "sink", esModule = embed "sink.js")],
  compatibilityDate = "2026-10-01",
);
`;
}

/** Bundles `entry` (a path in the checkout) and runs it. */
export async function startWorkerd(
  entry: string,
  queues: readonly string[] = [],
  text: Record<string, string> = {},
): Promise<Workerd> {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-workerd-"));
  await build({
    entryPoints: [inRoot(entry)],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: ["node:*", "cloudflare:*"],
    logLevel: "error",
  });
  writeFileSync(join(folder, "sink.js"), SINK);
  const port = await freePort();
  writeFileSync(join(folder, "config.capnp"), config(port, queues, text));
  const child: ChildProcess = spawn(
    inRoot("node_modules/.bin/workerd"),
    ["serve", "--experimental", join(folder, "config.capnp")],
    {
      stdio: ["ignore", "inherit", "inherit"],
    },
  );
  const stop = (): void => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + START_MS; ; ) {
    const up = await fetch(`http://127.0.0.1:${port}/empty`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return { port, pid: child.pid ?? 0, stop };
    if (Date.now() > deadline || child.exitCode !== null) {
      stop();
      throw new Error("workerd did not start");
    }
    await delay(50);
  }
}
