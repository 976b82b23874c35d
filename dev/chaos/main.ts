/** `npm run chaos -- [--seed N] [--minutes M]`: one run, its report, and exit code 1 when one event is lost, doubled or shown wrong. */
import { parseArgs } from "node:util";
import { runChaos } from "./run.ts";

const MINUTE_MS = 60_000;
const MAX_SHOWN = 20;

function number(text: string | undefined, otherwise: number, name: string): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0`);
  return value;
}

async function main(): Promise<void> {
  const options = { seed: { type: "string" }, minutes: { type: "string" } } as const;
  const { values } = parseArgs({ options });
  const seed = number(values.seed, 1 + (Date.now() % 1_000_000), "seed");
  const durationMs = number(values.minutes, 1, "minutes") * MINUTE_MS;
  console.log(`seed ${seed}, ${durationMs / MINUTE_MS} min`);
  const report = await runChaos({ seed, durationMs, log: console.log });
  const { seen, faults, proxy, ledger, live } = report;
  console.log(`events acknowledged ${report.events} in ${seen.requests} requests; half-written requests ${seen.cuts}`);
  console.log(`answers by status (0: none) ${JSON.stringify(seen.statuses)}`);
  console.log(`faults ${JSON.stringify(faults)}; inserts ${JSON.stringify(proxy)}`);
  const wrong = [...seen.unexpected, ...ledger, ...live];
  for (const line of wrong.slice(0, MAX_SHOWN)) console.error(line);
  console.log(
    wrong.length === 0 ? "exact: ledger and live" : `${wrong.length} differences; repeat with --seed ${seed}`,
  );
  process.exitCode = wrong.length === 0 ? 0 : 1;
}

process.on("disconnect", () => process.exit(1));
process.channel?.unref();
main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
