/**
 * The process `node dev/clickhouse/main.ts --port 0 --data <dir> [--user u --password p]`: ClickHouse for development. Started
 * by spawn.ts (npm start, tests) or by hand. It prints one line on stdout when it answers, and ends with its parent.
 */

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { Engine, THREADS } from "./engine.ts";
import { serve } from "./server.ts";

// Every running query occupies one of libuv's threads; read when the first of them is started, which is later than this.
process.env.UV_THREADPOOL_SIZE ??= String(THREADS);

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "0" },
    data: { type: "string" },
    user: { type: "string" },
    password: { type: "string" },
  },
});
if (values.data === undefined) throw new Error("--data <directory> is missing");
const required = values.user === undefined ? undefined : { user: values.user, password: values.password ?? "" };

const engine = await Engine.open(resolve(values.data)).catch((error: unknown) => {
  console.error(
    `ClickHouse for development cannot open ${values.data}: ${error instanceof Error ? error.message : error}`,
  );
  process.exit(1);
});
const server = await serve(engine, Number(values.port), required);

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  await server.stop();
  await engine.close();
  process.exit(0);
}
process.on("SIGTERM", () => void stop());
process.on("SIGINT", () => void stop());
// The channel to the parent closes when the parent ends, however it ends.
if (process.channel) process.on("disconnect", () => void stop());

console.log(`clickhouse ready http://127.0.0.1:${server.port}`);
