/**
 * `npm run rollup -- --from 2026-11-01 --to 2026-11-22 [--org ID] [--url ...] [--token ...]`: computes the hours and days of a range
 * again, whatever their state, and waits until it is done. Safe to repeat, and beside the cron: readers take one finished
 * computation of an hour. Talks to the operator app.
 */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { z } from "zod";
import { RollupStartedSchema, RollupStatusSchema } from "../schema/rollup.ts";
import { readDevJson } from "./dev-json.ts";
import { dataDirectory } from "./paths.ts";

const USAGE = "usage: npm run rollup -- --from ISO --to ISO [--org ID] [--url URL] [--token TOKEN]";
const POLL_MS = 500;

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

function options() {
  try {
    return parseArgs({
      options: {
        from: { type: "string" },
        to: { type: "string" },
        org: { type: "string" },
        url: { type: "string" },
        token: { type: "string" },
      },
    }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** An ISO date or time, in full. */
function moment(text: string | undefined): string {
  const ms = Date.parse(text ?? "");
  return Number.isNaN(ms) ? fail(USAGE) : new Date(ms).toISOString();
}

const values = options();
const request = {
  from: moment(values.from),
  to: moment(values.to),
  ...(values.org === undefined ? {} : { org: values.org }),
};
const local = values.url === undefined || values.token === undefined ? readDevJson(dataDirectory()) : undefined;
const url = values.url ?? local?.url ?? fail("where? --url is missing and nothing runs here");
const token = values.token ?? process.env.TENFOLD_OPERATOR_TOKEN ?? local?.operator_token ?? fail("--token is missing");

async function ask<T>(path: string, schema: z.ZodType<T>, init: RequestInit = {}): Promise<T> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, { ...init, headers });
  if (!response.ok) fail(`${response.status}: ${await response.text()}`);
  return schema.parse(await response.json());
}

const { runs } = await ask("/operator/rollup", RollupStartedSchema, { method: "POST", body: JSON.stringify(request) });
let failed = false;
for (const { region, id } of runs) {
  let answer = await ask(`/operator/rollup/${region}/${id}`, RollupStatusSchema);
  while (answer.status === "running") {
    await delay(POLL_MS);
    answer = await ask(`/operator/rollup/${region}/${id}`, RollupStatusSchema);
  }
  const { outcome } = answer;
  if (outcome === undefined) {
    console.log(`${region}: stopped by an error; see the log`);
    failed = true;
    continue;
  }
  const { hours, days, events, reasons } = outcome;
  const troubles = outcome.failed > 0 || reasons.length > 0 ? `, ${outcome.failed} failed (${reasons.join(", ")})` : "";
  console.log(`${region}: ${hours} hours and ${days} days from ${events} stored events${troubles}`);
  failed ||= troubles !== "";
}
process.exitCode = failed ? 1 : 0;
