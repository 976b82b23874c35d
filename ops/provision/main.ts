/**
 * `npm run provision -- --env staging [--dry-run]`. Safe to run again. There are no Workflows yet: their bindings will need no
 * command, their jurisdiction stands in wrangler.toml.
 */
import { readOptions } from "./options.ts";
import { provision } from "./provision.ts";
import { runWrangler } from "./wrangler.ts";

async function main(): Promise<void> {
  const shell = { run: runWrangler, environment: process.env, print: (line: string) => console.log(line) };
  await provision(readOptions(process.argv.slice(2)), shell);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
