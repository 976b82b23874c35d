/**
 * Every recorded request of real agents against the whole system, three times, shuffled, for a us and an eu tenant: the figures are the
 * agents' own, and nothing that the policy drops is in any store.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { DEFAULT_PRIVACY_RULES } from "../../schema/privacy-policy.ts";
import type { Attributes, AttributeValue } from "../../workers/ingest/otlp/model.ts";
import { seededRandom } from "../support/fault-proxy.ts";
import { query } from "../support/ledger.ts";
import { bodies, eventsOf, type RecordedBody, requests, scenarios } from "../support/otlp-fixtures.ts";
import { totalsOf } from "../support/otlp-totals.ts";
import { searchStores } from "../support/store-search.ts";
import { startTenfold, type Tenfold } from "../support/tenfold.ts";

const SEED = 20_261_122;
const TIMES = 3;
const SENDERS = 4;
const SETTLE_MS = 180_000;
const POLL_MS = 500;
/** Long enough to be nobody's but the prompt's or the output's it was taken from. */
const MIN_TEXT = 24;
/** Where every recording was made; paths say who works where. */
const FOLDER = "/srv/project";

const RUNS = ["claude-code", "codex", "gemini-cli"].flatMap((agent) => scenarios(agent));
const EXPECTED = totalsOf(RUNS.flatMap((run) => eventsOf(requests(run))));

let tenfold: Tenfold;
let dataDir: string;

beforeAll(async () => {
  dataDir = mkdtempSync(`${tmpdir()}/tenfold-recordings-`);
  tenfold = await startTenfold({ dataDir });
});
afterAll(async () => {
  await tenfold?.stop().catch(() => undefined);
  rmSync(dataDir, { recursive: true, force: true });
});

const orgOf = (residency: "us" | "eu") => {
  const org = tenfold.devJson.orgs.find((one) => one.residency === residency);
  if (org === undefined) throw new Error("the seed has a tenant of each residency");
  return org;
};

/** All bodies `TIMES` times in a random order, some gzipped, some chunked; rejects when one is not taken whole. */
async function replay(key: string, random: () => number): Promise<void> {
  const all = RUNS.flatMap((run) => bodies(run));
  const order = Array.from({ length: TIMES }, () => all)
    .flat()
    .map((body) => ({ body, at: random() }))
    .sort((a, b) => a.at - b.at);
  const send = async ({ signal, encoding, bytes }: RecordedBody): Promise<void> => {
    const gzip = random() < 0.5;
    const body = gzip ? gzipSync(bytes) : bytes;
    const headers: Record<string, string> = {
      "x-api-key": key,
      "content-type": encoding === "json" ? "application/json" : "application/x-protobuf",
      ...(gzip ? { "content-encoding": "gzip" } : {}),
    };
    // A stream has no length: it is sent in chunks, as Gemini CLI does.
    const chunked = random() < 0.3 ? { body: new Blob([body]).stream(), duplex: "half" } : { body };
    for (;;) {
      const response = await fetch(`${tenfold.url}/v1/${signal}`, {
        method: "POST",
        headers,
        ...chunked,
      } as RequestInit);
      const text = Buffer.from(await response.arrayBuffer());
      if (response.status === 429 || response.status === 503) {
        if ("duplex" in chunked) Object.assign(chunked, { body: new Blob([body]).stream() });
        await delay(1_000 * Number(response.headers.get("retry-after") ?? 1));
        continue;
      }
      const empty = encoding === "json" ? text.toString() === "{}" : text.length === 0;
      expect([response.status, empty, text.toString("latin1").slice(0, 200)]).toEqual([200, true, expect.anything()]);
      return;
    }
  };
  const next = order.values();
  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      for (const { body } of next) await send(body);
    }),
  );
}

const count = z.coerce.number();
const StoredSchema = z.object({
  sessions: count,
  tool_calls: count,
  errors: count,
  lines_added: count,
  lines_removed: count,
  accepted: count,
  rejected: count,
  pull_requests: count,
  model_calls: count,
  input_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count,
  output_tokens: count,
  cost_micro_usd: count,
});
const TOTALS = `
SELECT
  uniqExact(session_id) AS sessions,
  countIf(match(event_type, '^custom\\\\.(claude_code|codex)\\\\.tool_result$|^custom\\\\.gemini_cli\\\\.tool_call$')) AS tool_calls,
  countIf(event_type = 'error') AS errors,
  sum(lines_added) AS lines_added, sum(lines_removed) AS lines_removed,
  countIf(accepted = true) AS accepted, countIf(accepted = false) AS rejected,
  countIf(event_type = 'pr_created') AS pull_requests,
  countIf(event_type = 'cost_incurred') AS model_calls,
  sum(input_tokens) AS input_tokens, sum(cache_read_tokens) AS cache_read_tokens,
  sum(cache_write_tokens) AS cache_write_tokens, sum(output_tokens) AS output_tokens,
  round(sumIf(cost_nano_usd, cost_source = 'reported') / 1000) AS cost_micro_usd
FROM events FINAL`;
/** Sums are named like the columns they are of. */
const BY_COLUMN = "SETTINGS prefer_column_name_to_alias = 1";

async function settledTotals(region: "us" | "eu", orgId: string): Promise<z.infer<typeof StoredSchema>> {
  let stored = StoredSchema.parse(
    (await query(tenfold.devJson, region, `${TOTALS} WHERE org_id = '${orgId}' ${BY_COLUMN}`))[0],
  );
  for (const end = Date.now() + SETTLE_MS; Date.now() < end; await delay(POLL_MS)) {
    if (JSON.stringify(stored) === JSON.stringify(EXPECTED)) break;
    stored = StoredSchema.parse(
      (await query(tenfold.devJson, region, `${TOTALS} WHERE org_id = '${orgId}' ${BY_COLUMN}`))[0],
    );
  }
  return stored;
}

/**
 * Distinctive pieces of everything in the recordings that stands under an attribute the policy drops: prose, because ids stand in
 * dropped texts too, and are kept where they are ids.
 */
function droppedTexts(): string[] {
  const dropped = DEFAULT_PRIVACY_RULES.filter(({ action }) => action === "drop").map(
    ({ attribute }) => new RegExp(`^${attribute.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`, "i"),
  );
  const texts = new Set<string>();
  const collect = (value: AttributeValue | undefined): void => {
    if (typeof value === "string") {
      const [piece] = new RegExp(`[A-Za-z0-9 ,.'-]{${MIN_TEXT},60}`).exec(value) ?? [];
      if (piece !== undefined && piece.trim().split(" ").length > 3) texts.add(piece.trim());
    } else if (Array.isArray(value)) for (const one of value) collect(one);
    else if (value !== null && typeof value === "object") for (const one of Object.values(value)) collect(one);
  };
  const read = (attributes: Attributes): void => {
    for (const name in attributes) if (dropped.some((pattern) => pattern.test(name))) collect(attributes[name]);
  };
  for (const request of RUNS.flatMap((run) => requests(run))) {
    for (const record of request.records) {
      read(record.attributes);
      read(record.resource);
    }
  }
  return [FOLDER, ...[...texts].filter((text) => text.length >= MIN_TEXT)];
}

describe("recorded requests of real agents", () => {
  it.each(["us", "eu"] as const)(
    "sent three times and shuffled add up to the agents' own figures (%s)",
    async (region) => {
      const org = orgOf(region);
      await replay(org.ingest_key, seededRandom(SEED));
      const stored = await settledTotals(region, org.org_id);
      // Each call's reported cost is rounded to a micro-USD before it is summed.
      const { cost_micro_usd: cost, ...counts } = stored;
      const { cost_micro_usd: expectedCost, ...expected } = EXPECTED;
      expect(counts).toEqual(expected);
      expect(Math.abs(cost - expectedCost)).toBeLessThanOrEqual(1);
    },
  );

  it("leave nothing that the policy drops in any store: ClickHouse, objects, buckets, logs", async () => {
    const texts = droppedTexts();
    expect(texts.length).toBeGreaterThan(20);
    const list = `[${texts.map((text) => `'${text.replaceAll("'", "\\'")}'`).join(",")}]`;
    for (const region of ["us", "eu"] as const) {
      const sql = `SELECT event_type, metadata FROM events WHERE arrayExists(t -> position(concat(metadata, user_id, session_id, repo, branch, error_code, tool_name), t) > 0, ${list}) LIMIT 3`;
      expect(await query(tenfold.devJson, region, sql)).toEqual([]);
    }
    await tenfold.stop();
    const report = await searchStores(dataDir, texts, /\/clickhouse\/store\//);
    // Packs are kept seven days in R2: the search reads them, so there must be some.
    expect(report.frames).toBeGreaterThan(50);
    expect(report.found).toEqual([]);
  });
});
