/** Command line of provision and deploy-check: `--env <name>`, `--dry-run`, `--config <path>` (default wrangler.toml). */
import { parseArgs } from "node:util";
import { inRoot } from "../../dev/paths.ts";

export interface Options {
  env: string;
  dryRun: boolean;
  config: string;
}

/** Parses the arguments. Throws with what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: { env: { type: "string" }, "dry-run": { type: "boolean" }, config: { type: "string" } },
  });
  if (values.env === undefined || values.env === "") throw new Error("say which environment: --env staging");
  return { env: values.env, dryRun: values["dry-run"] ?? false, config: values.config ?? inRoot("wrangler.toml") };
}
