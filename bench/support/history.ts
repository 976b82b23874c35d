/**
 * A year-like history made inside ClickHouse for the reading benches: N events of 50 tenants over 30 days, a fifth of them of one hot
 * tenant, the rest spread; then rolled up through the operator's route, by the product's own Workflow. Events are made by SQL from
 * `numbers()`, because millions through the edge would be a bench of ingest.
 */
import { setTimeout as delay } from "node:timers/promises";
import type { DevJson } from "../../dev/dev-json.ts";
import { RollupStartedSchema, RollupStatusSchema } from "../../schema/rollup.ts";

export const DAYS = 30;
const DAY_MS = 86_400_000;
const OTHER_TENANTS = 47;
/** Of a hundred events, so many are the hot tenant's, and so many of each of the other two that people read. */
const HOT = 22;
const WARM = 3;
/** Rows of one statement, which makes one part of them: bounds memory, and spares most of the merging afterwards. */
const CHUNK = 1_000_000;
/** Statements at a time: sorting and compressing rows is the work, and one statement does it on one core. */
const LANES = 2;
/** Hours are clean only a minute after their last insert; so long ago is it made to look. */
const SETTLED_MINUTES = 10;
const POLL_MS = 500;

type Region = "us" | "eu";

/** Runs a statement on a region's ClickHouse. Rejects with its text when it fails. */
export async function statement(devJson: DevJson, region: Region, sql: string): Promise<string> {
  const { url, database, user, password } = devJson.clickhouse[region];
  const address = `${url}/?${new URLSearchParams({ database })}`;
  const headers = { "x-clickhouse-user": user, "x-clickhouse-key": password };
  const response = await fetch(address, { method: "POST", body: sql, headers });
  const text = await response.text();
  if (!response.ok || text.startsWith("Code:")) throw new Error(text.slice(0, 500));
  return text;
}

/** Orgs of the seed in the US region: the first is the hot one. */
function readers({ orgs }: DevJson): [string, string] {
  const us = orgs.filter(({ residency }) => residency !== "eu").map(({ org_id }) => org_id);
  const [hot, warm = "bench-warm"] = us;
  if (hot === undefined) throw new Error("the seed has no us tenant");
  return [hot, warm];
}

/**
 * Inserts `rows` events that end at `end` (ms). What is not rolled up afterwards is left out of `dirty_hours`: the tenants that are
 * only company. The rest looks as if it had come in minutes ago: a history, not an import that is just going on.
 */
export async function makeHistory(devJson: DevJson, rows: number, end: number): Promise<void> {
  const [hot, warm] = readers(devJson);
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < rows) {
      const from = next;
      next += CHUNK;
      await statement(devJson, "us", insertSql(hot, warm, from, Math.min(CHUNK, rows - from), rows, end));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  for (const change of [
    "DELETE WHERE startsWith(org_id, 'bench-')",
    `UPDATE touched_at = touched_at - INTERVAL ${SETTLED_MINUTES} MINUTE WHERE 1`,
  ]) {
    await statement(devJson, "us", `ALTER TABLE dirty_hours ${change} SETTINGS mutations_sync = 1`);
  }
}

function insertSql(hot: string, warm: string, offset: number, count: number, rows: number, end: number): string {
  const start = end - DAYS * DAY_MS;
  return `
INSERT INTO events
  (org_id, event_type, timestamp, event_id, user_id, session_id, team_id, event_category, environment, region, received_at, agent,
   model, repo, language, tool_name, error_code, severity, rule, accepted, lines_added, lines_removed, duration_ms, input_tokens,
   output_tokens, cache_read_tokens, cost_nano_usd, cost_source, metadata, _ver)
SELECT
  multiIf(h % 100 < ${HOT}, '${hot}', h % 100 < ${HOT + WARM}, '${warm}', concat('bench-', toString(h % ${OTHER_TENANTS}))) AS org,
  ['cost_incurred', 'custom.tool_call', 'code_generated', 'custom.turn', 'error', 'session_start', 'session_end', 'pr_created', 'security_alert'][
    1 + multiIf(k < 40, 0, k < 70, 1, k < 85, 2, k < 92, 3, k < 95, 4, k < 97, 5, k < 98, 6, k < 99, 7, 8)] AS type,
  fromUnixTimestamp64Milli(toInt64(${start} + intDiv(n * ${DAYS * DAY_MS}, ${rows}))) AS at,
  generateUUIDv4(n),
  concat('user-', toString(h2 % 400), '@example.com'),
  concat('session-', toString(intDiv(n, 6000)), '-', toString(h2 % 60)),
  concat('team-', toString(h2 % 12)),
  'usage', if(h2 % 10 = 0, 'staging', 'production'), 'fra', at,
  ['claude-code', 'codex', 'gemini-cli', 'copilot'][1 + h2 % 4],
  ['claude-opus-5-5', 'claude-sonnet-5', 'gpt-5.5', 'gemini-3.8-flash', 'gemini-3-pro'][1 + h2 % 5],
  concat('acme/repo-', toString(h2 % 40)),
  if(type = 'code_generated', ['typescript', 'python', 'go', 'rust'][1 + h3 % 4], ''),
  if(type IN ('code_generated', 'custom.tool_call', 'error'), ['Edit', 'Bash', 'Write', 'Read'][1 + h3 % 4], ''),
  if(type = 'error', concat('E', toString(h3 % 20)), ''),
  if(type = 'security_alert', 'high', ''), if(type = 'security_alert', 'tool_rejected', ''),
  if(type = 'code_generated', h3 % 10 > 0, NULL),
  if(type = 'code_generated', h3 % 200, 0), if(type = 'code_generated', h3 % 50, 0),
  if(type = 'session_end', h3 % 3600000, NULL),
  if(type = 'cost_incurred', h3 % 20000, 0), if(type = 'cost_incurred', h3 % 2000, 0), if(type = 'cost_incurred', h3 % 100000, 0),
  if(type = 'cost_incurred', toInt64(h3 % 200000000), NULL), if(type = 'cost_incurred', 'reported', ''),
  concat('{"duration_ms":', toString(h3 % 5000), ',"message":"tool ', toString(h3 % 30), ' failed","code":"E', toString(h3 % 20), '"}'),
  281474976710655 - toUnixTimestamp64Milli(at)
FROM (
  SELECT number + ${offset} AS n, cityHash64(n) AS h, cityHash64(n, 2) AS h2, cityHash64(n, 3) AS h3, cityHash64(n, 4) % 100 AS k
  FROM numbers(${count})
)
SETTINGS min_insert_block_size_rows = ${CHUNK}, min_insert_block_size_bytes = 0, max_insert_threads = 1`;
}

/** Rolls up the range of the history and waits. Rejects when a run failed. */
export async function rollUp(devJson: DevJson, end: number): Promise<void> {
  const headers = { authorization: `Bearer ${devJson.operator_token}`, "content-type": "application/json" };
  for (const org of readers(devJson)) {
    const body = JSON.stringify({
      from: new Date(end - (DAYS + 1) * DAY_MS).toISOString(),
      to: new Date(end).toISOString(),
      org,
    });
    const started = await fetch(`${devJson.url}/operator/rollup`, { method: "POST", headers, body });
    const { runs } = RollupStartedSchema.parse(await started.json());
    for (const { region, id } of runs) {
      for (;;) {
        const answer = await fetch(`${devJson.url}/operator/rollup/${region}/${id}`, { headers });
        const { status } = RollupStatusSchema.parse(await answer.json());
        if (status === "failed") throw new Error(`the rollup of ${org} failed`);
        if (status === "done") break;
        await delay(POLL_MS);
      }
    }
  }
}
