/**
 * A bare workerd with SQLite Durable Objects on disk and its inspector open, around one bundled script.
 * Used by the benches of live objects. Measures CPU and memory of that process from outside.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "esbuild";
import { z } from "zod";
import { inRoot } from "../../dev/paths.ts";

const START_MS = 15_000;
/** Kernel ticks a second, as /proc counts CPU on Linux. */
const TICKS = 100;

export interface ObjectWorkerd {
  port: number;
  /** CPU seconds used so far. */
  cpu(): number;
  /** Resident bytes. */
  rss(): number;
  /** Bytes the isolate holds: JavaScript heap and buffers. `collect`: after a full collection, by the script's route /gc. */
  heap(collect: boolean): Promise<number>;
  stop(): void;
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

function config(port: number, classes: Record<string, string>, text: Record<string, string>): string {
  const bindings = [
    ...Object.entries(classes).map(
      ([name, className]) => `(name = "${name}", durableObjectNamespace = "${className}")`,
    ),
    ...Object.entries(text).map(([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`),
  ];
  const namespaces = Object.values(classes).map(
    (name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main), (name = "disk", disk = (path = "objects", writable = true))],
  v8Flags = ["--expose-gc"],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-10-01",
  durableObjectNamespaces = [${namespaces.join(", ")}],
  durableObjectStorage = (localDisk = "disk"),
  bindings = [${bindings.join(", ")}],
);
`;
}

/** Bundles `entry` and runs it. `classes`: binding -> Durable Object class. */
export async function startObjectWorkerd(
  entry: string,
  classes: Record<string, string>,
  text: Record<string, string>,
): Promise<ObjectWorkerd> {
  const folder = mkdtempSync(join(tmpdir(), "tenfold-objects-"));
  mkdirSync(join(folder, "objects"));
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
  const [port, inspector] = [await freePort(), await freePort()];
  writeFileSync(join(folder, "config.capnp"), config(port, classes, text));
  const child: ChildProcess = spawn(
    inRoot("node_modules/.bin/workerd"),
    ["serve", "--experimental", `--inspector-addr=127.0.0.1:${inspector}`, join(folder, "config.capnp")],
    { stdio: ["ignore", "ignore", "inherit"], cwd: folder },
  );
  const pid = child.pid ?? 0;
  const stop = (): void => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + START_MS; ; await delay(50)) {
    const up = await fetch(`http://127.0.0.1:${port}/empty`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (up) break;
    if (Date.now() > deadline || child.exitCode !== null) {
      stop();
      throw new Error("workerd did not start");
    }
  }
  return {
    port,
    cpu: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) / TICKS;
    },
    rss: () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024,
    heap: async (collect) => {
      // Twice: buffers of what the first collection found dead are freed while it runs on.
      for (let i = 0; collect && i < 2; i++) await fetch(`http://127.0.0.1:${port}/gc`);
      return await heapBytes(inspector);
    },
    stop,
  };
}

const TargetsSchema = z.array(z.looseObject({ webSocketDebuggerUrl: z.string() }));
const AnswerSchema = z.looseObject({
  id: z.number(),
  result: z.looseObject({ usedSize: z.number().optional(), backingStorageSize: z.number().optional() }).optional(),
});

async function heapBytes(port: number): Promise<number> {
  const targets = TargetsSchema.parse(await (await fetch(`http://127.0.0.1:${port}/json`)).json());
  const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? "");
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", reject);
  });
  let id = 0;
  const ask = async (method: string) => {
    const mine = ++id;
    const answer = new Promise<z.infer<typeof AnswerSchema>>((resolve) => {
      socket.addEventListener("message", ({ data }) => {
        const parsed = AnswerSchema.safeParse(JSON.parse(String(data)));
        if (parsed.success && parsed.data.id === mine) resolve(parsed.data);
      });
    });
    socket.send(JSON.stringify({ id: mine, method }));
    return (await answer).result;
  };
  await ask("Runtime.enable");
  const usage = await ask("Runtime.getHeapUsage");
  socket.close();
  return (usage?.usedSize ?? Number.NaN) + (usage?.backingStorageSize ?? Number.NaN);
}
