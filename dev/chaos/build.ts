/** Builds the fault harness's Worker the way a deploy builds the shipped one. Called by run.ts and the e2e tests. */
import { join } from "node:path";
import { runTool } from "../build.ts";
import { inRoot } from "../paths.ts";

/** Path of the built Worker. Concurrent builds would share files, so the folder carries the process id. */
export async function buildChaosWorker(): Promise<string> {
  const folder = inRoot("node_modules/.cache/tenfold", `chaos-${process.pid}`);
  await runTool("wrangler", ["deploy", inRoot("dev/chaos/worker.ts"), "--dry-run", "--env", "", "--outdir", folder]);
  return join(folder, "worker.js");
}
