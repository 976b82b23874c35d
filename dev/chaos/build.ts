/** Builds the fault harness's Worker the way a deploy builds the shipped one. Called by run.ts and the e2e tests. */
import { join } from "node:path";
import { runTool } from "../build.ts";
import { inRoot } from "../paths.ts";

/** Path of the built Worker, in a folder of the data directory: concurrent runs share nothing. */
export async function buildChaosWorker(dataDir: string): Promise<string> {
  const folder = join(dataDir, "chaos-worker");
  await runTool("wrangler", ["deploy", inRoot("dev/chaos/worker.ts"), "--dry-run", "--env", "", "--outdir", folder]);
  return join(folder, "worker.js");
}
