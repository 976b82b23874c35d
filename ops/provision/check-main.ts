/**
 * `npm run deploy-check -- --env staging`: ends with 1 when something is not what wrangler.toml needs, so
 * `npm run deploy-check -- --env staging && wrangler deploy --env staging` never ships onto a wrong place.
 * Cannot see a queue's retention (wrangler does not print it; provision sets it at every run) nor a secret's value.
 */
import { readOptions } from "./options.ts";
import { deployCheck } from "./provision.ts";
import { runWrangler } from "./wrangler.ts";

async function main(): Promise<void> {
  await deployCheck(readOptions(process.argv.slice(2)), { run: runWrangler, print: (line) => console.log(line) });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
