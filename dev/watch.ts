/**
 * `npm run dev`: the whole system as `npm start` runs it, rebuilt and reloaded when a source file changes. Queues are drained before
 * a reload, because they live in the Worker's memory. For developers of Tenfold; everybody else wants `npm start`.
 */
import { watch } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { buildAll } from "./build.ts";
import { dataDirectory, inRoot } from "./paths.ts";
import { startSystem } from "./system.ts";

const WATCHED = ["workers", "durable-objects", "queues", "schema", "web/src"];
/** Editors write several files for one save. */
const SETTLE_MS = 200;
const DRAIN_MS = 10_000;

const say = (text: string): void => console.log(text);

const system = await startSystem({ dataDir: dataDirectory(), port: Number(process.env.PORT ?? 8787), log: say });
say(`ready ${system.devJson.url}`);

let changed: string | undefined;
for (const folder of WATCHED) {
  watch(inRoot(folder), { recursive: true }, (_event, file) => {
    changed = `${folder}/${file ?? ""}`;
  });
}

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const) {
  process.removeAllListeners(signal);
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopping = true;
    void system.stop().then(() => process.exit(0));
  });
}
process.channel?.unref();

while (!stopping) {
  await delay(SETTLE_MS);
  if (changed === undefined) continue;
  const file = changed;
  changed = undefined;
  const start = performance.now();
  try {
    await buildAll();
    for (const deadline = Date.now() + DRAIN_MS; (await system.backlog()) > 0 && Date.now() < deadline; )
      await delay(SETTLE_MS);
    await system.restartWorker();
    say(`${file}: reloaded in ${((performance.now() - start) / 1_000).toFixed(1)} s`);
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}
