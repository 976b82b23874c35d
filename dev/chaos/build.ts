/** Builds the fault harness's Worker the way a deploy builds the shipped one. Called by run.ts and the e2e tests. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { buildAll, runTool } from "../build.ts";
import { inRoot } from "../paths.ts";

/**
 * Path of the built Worker. Concurrent runs share nothing: the folder carries the process id and goes with the process. It is
 * inside the checkout, for workerd refuses modules outside of it.
 */
export async function buildChaosWorker(): Promise<string> {
  const folder = inRoot("node_modules/.cache/tenfold", `chaos-${process.pid}`);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  // The page too: wrangler wants the assets' folder to exist.
  await buildAll();
  await runTool("wrangler", ["deploy", inRoot("dev/chaos/worker.ts"), "--dry-run", "--env", "", "--outdir", folder]);
  return join(folder, "worker.js");
}
