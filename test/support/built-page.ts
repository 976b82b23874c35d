/** The page built as it is deployed, in a folder of its own: web/dist may be in use by a system that runs. Used by the weight test and bench/web. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "../../dev/build.ts";

/** Resolves with the folder, which the caller removes. */
export async function buildPage(): Promise<string> {
  const dist = mkdtempSync(join(tmpdir(), "tenfold-page-"));
  // A test runner's environment would build React for development, which is three times as large.
  await runTool("vite", ["build", "--logLevel", "error", "--emptyOutDir", "--outDir", dist], {
    NODE_ENV: "production",
  });
  return dist;
}
