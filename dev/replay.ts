/**
 * `npm run replay -- --from 2026-11-22T00:00:00Z --to 2026-11-23T00:00:00Z | --dead-letters | --spill [--url ...] [--token ...]`:
 * sends stored packs on their way again. Safe to repeat: identity decides what counts. Talks to the operator app.
 */
import { parseArgs } from "node:util";
import type { z } from "zod";
import { ReplayPageSchema, type ReplayRequestSchema } from "../schema/operator.ts";
import { readDevJson } from "./dev-json.ts";
import { dataDirectory } from "./paths.ts";

const USAGE = "usage: npm run replay -- (--from ISO --to ISO | --dead-letters | --spill) [--url URL] [--token TOKEN]";

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
        "dead-letters": { type: "boolean" },
        spill: { type: "boolean" },
        url: { type: "string" },
        token: { type: "string" },
      },
    }).values;
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

function requestOf(values: ReturnType<typeof options>): z.infer<typeof ReplayRequestSchema> {
  if (values["dead-letters"] === true) return { source: "dead-letters" };
  if (values.spill === true) return { source: "spill" };
  if (values.from === undefined || values.to === undefined) return fail(USAGE);
  return { source: "copies", from: new Date(values.from).toISOString(), to: new Date(values.to).toISOString() };
}

const values = options();
const request = requestOf(values);
const local = values.url === undefined || values.token === undefined ? readDevJson(dataDirectory()) : undefined;
const url = values.url ?? local?.url ?? fail("where? --url is missing and nothing runs here");
const token = values.token ?? process.env.TENFOLD_OPERATOR_TOKEN ?? local?.operator_token ?? fail("--token is missing");

const total = { packs: 0, objects: 0, failed: 0 };
let cursor: string | undefined;
do {
  const response = await fetch(`${url}/operator/replay`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ ...request, ...(cursor === undefined ? {} : { cursor }) }),
  });
  if (!response.ok) fail(`${response.status}: ${await response.text()}`);
  const page = ReplayPageSchema.parse(await response.json());
  total.packs += page.packs;
  total.objects += page.objects;
  total.failed += page.failed;
  cursor = page.cursor;
} while (cursor !== undefined);
console.log(`${total.packs} packs sent again out of ${total.objects} objects, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
