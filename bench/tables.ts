/**
 * `npm run bench -- tables`: the `events` table as shipped beside variants of it (codecs, granularity, skip indexes): bytes of an
 * event on disk, and the time of four reads that detail is asked for. BENCH_EVENTS: rows, default 1,000,000; ten million take ten
 * minutes and 3 GB. One variant is there at a time, beside the table as shipped, which is read in turn with it: times are compared
 * within a line. A variant is worth a migration only when it wins here by more than the noise of the shipped table between the lines.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startClickHouse } from "../dev/clickhouse/spawn.ts";
import { splitStatements } from "../dev/clickhouse-migrations.ts";
import { inRoot } from "../dev/paths.ts";
import { type BenchResult, median, round } from "./result.ts";

const EVENTS = Number(process.env.BENCH_EVENTS ?? 1_000_000);
const RUNS = 7;
/** Rows of one block of an insert: a part. Few parts are quickly merged into one, and a block still fits in memory. */
const BLOCK_ROWS = 1_000_000;
const BLOCKS = `SETTINGS max_insert_threads = 2, min_insert_block_size_rows = ${BLOCK_ROWS}, min_insert_block_size_bytes = 0`;
/** Days that the events are spread over. */
const DAYS = 30;

const swap =
  (...pairs: readonly (readonly [string | RegExp, string])[]) =>
  (ddl: string): string =>
    pairs.reduce((text, [from, to]) => {
      const next = text.replaceAll(typeof from === "string" ? from : new RegExp(from, "g"), to);
      if (next === text) throw new Error(`the DDL has no ${String(from)} any more`);
      return next;
    }, ddl);

const granularity = (rows: number) => swap(["SETTINGS ", `SETTINGS index_granularity = ${rows}, `]);

const VARIANTS: Record<string, (ddl: string) => string> = {
  "as shipped, once more": (ddl) => ddl,
  "index_granularity 2048": granularity(2_048),
  "index_granularity 512": granularity(512),
  "no skip indexes": swap([/,\n *INDEX idx_session[^\n]*\n *INDEX idx_user[^\n]*/, ""]),
  "session index per 4 granules": swap(["bloom_filter(0.01) GRANULARITY 1,", "bloom_filter(0.01) GRANULARITY 4,"]),
  "T64 on counts": swap([/(lines_\w+ UInt32|\w+_tokens UInt64) DEFAULT 0/, "$1 DEFAULT 0 CODEC(T64, ZSTD(1))"]),
  "LZ4 on ids": swap([/((?:user|session)_id String) CODEC\(ZSTD\(1\)\)/, "$1"]),
  "metadata ZSTD(1)": swap([
    "metadata String DEFAULT '{}' CODEC(ZSTD(3))",
    "metadata String DEFAULT '{}' CODEC(ZSTD(1))",
  ]),
};

/** Half the events are one large tenant's; sessions of 50 events within an hour or so; 500 people. */
const GENERATE = `
INSERT INTO shipped (org_id, event_type, timestamp, event_id, user_id, session_id, team_id, environment, region, received_at,
  agent, agent_version, model, repo, branch, tool_name, request_id, accepted, lines_added, lines_removed, duration_ms,
  input_tokens, output_tokens, cache_read_tokens, cost_nano_usd, cost_source, metadata, _ver)
SELECT
  if(s % 2 = 0, 'org_large', concat('org_', toString(s % 20))),
  ['code_generated', 'cost_incurred', 'code_generated', 'cost_incurred', 'session_start', 'session_end', 'error', 'custom.tool_run'][1 + h % 8],
  at, toUUID(concat(leftPad(lower(hex(toUnixTimestamp64Milli(at))), 8, '0'), '-0000-7000-8000-', leftPad(lower(hex(n)), 12, '0'))),
  concat('dev-', toString(sipHash64(s) % 500), '@example.com'), concat('01a', lower(hex(sipHash64(s, 1))), lower(hex(s))),
  concat('team-', toString(sipHash64(s) % 12)), 'production', 'us', at + INTERVAL 2 SECOND,
  ['claude-code', 'codex', 'gemini-cli'][1 + s % 3], concat('1.0.', toString(s % 30)), ['opus', 'sonnet', 'gpt', ''][1 + s % 4],
  concat('acme/repo-', toString(s % 40)), concat('feature/', toString(s % 900)), ['Edit', 'Bash', 'Read', ''][1 + h % 4],
  lower(hex(sipHash128(n))), if(h % 8 = 0, h % 3 > 0, NULL), if(h % 8 IN (0, 2), h % 200, 0), if(h % 8 IN (0, 2), h % 60, 0),
  if(h % 8 = 5, h % 3600000, NULL), if(h % 8 IN (1, 3), h % 20000, 0), if(h % 8 IN (1, 3), h % 3000, 0),
  if(h % 8 IN (1, 3), h % 90000, 0), if(h % 8 IN (1, 3), h % 500000000, NULL), if(h % 8 IN (1, 3), 'computed', ''),
  concat('{"language":"', ['typescript', 'go', 'python'][1 + h % 3], '","file":"src/', lower(hex(h % 5000)), '.ts","request":"',
    lower(hex(sipHash128(n))), '","attempt":', toString(h % 4), '}'),
  bitShiftLeft(toUInt64(1), 48) - 1 - toUnixTimestamp64Milli(at)
FROM (
  SELECT number AS n, intDiv(number, 50) AS s, sipHash64(number) AS h,
    toDateTime64('2026-10-01 00:00:00', 3, 'UTC')
      + toIntervalMillisecond(sipHash64(s, 7) % ${DAYS * 86_400_000} + (number % 50) * 70000 + h % 60000) AS at
  FROM numbers(${EVENTS})
) ${BLOCKS}`;

const large = (from: string, to: string): string =>
  `FROM events FINAL WHERE org_id = 'org_large' AND timestamp >= '2026-10-${from}' AND timestamp < '2026-10-${to}'`;
const SESSION = "(SELECT any(session_id) FROM shipped WHERE org_id = 'org_large')";

const READS: Record<string, string> = {
  "24 h by type": `SELECT event_type, count(), sum(cost_nano_usd), uniqCombined64(18)(session_id) ${large("20", "21")} GROUP BY 1`,
  "30 d cost by model": `SELECT model, sum(cost_nano_usd) ${large("01", "31")} GROUP BY 1`,
  "7 d of one person": `SELECT toDate(timestamp), count() ${large("13", "20")} AND user_id = 'dev-77@example.com' GROUP BY 1`,
  "one session": `SELECT * FROM events FINAL WHERE org_id = 'org_large' AND session_id = '{session}' ORDER BY timestamp LIMIT 200`,
};

export async function run(): Promise<BenchResult> {
  const dataDir = await mkdtemp(join(tmpdir(), "tenfold-tables-"));
  const server = await startClickHouse({ dataDir });
  const ask = async (text: string): Promise<string> => {
    const response = await fetch(`${server.url}/?do_not_merge_across_partitions_select_final=1`, {
      method: "POST",
      body: text,
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(answer);
    return answer.trim();
  };
  try {
    const [ddl = ""] = splitStatements(await readFile(inRoot("schema/clickhouse/0001_events.sql"), "utf8"));
    const create = async (table: string, change: (ddl: string) => string, fill: string): Promise<number> => {
      await ask(change(ddl).replace("EXISTS events", `EXISTS ${table}`));
      await ask(fill);
      await ask(`OPTIMIZE TABLE ${table} FINAL`);
      const parts = `SELECT sum(bytes_on_disk) FROM system.parts WHERE table = '${table}' AND active AND database = currentDatabase()`;
      return Number(await ask(parts));
    };
    const shipped = await create("shipped", (text) => text, GENERATE);
    const session = await ask(`SELECT ${SESSION}`);
    const timed = async (table: string, text: string): Promise<number> => {
      const start = performance.now();
      await ask(text.replace("FROM events", `FROM ${table}`).replace("{session}", session));
      return performance.now() - start;
    };
    const rows: BenchResult["rows"] = [];
    for (const [variant, change] of Object.entries(VARIANTS)) {
      const began = performance.now();
      const bytes = await create("variant", change, `INSERT INTO variant SELECT * FROM shipped ${BLOCKS}`);
      const row: BenchResult["rows"][number] = { variant, "bytes an event": round(bytes / EVENTS, 1) };
      for (const [name, text] of Object.entries(READS)) {
        const [own, beside]: [number[], number[]] = [[], []];
        for (let pass = 0; pass <= RUNS; pass++) {
          const times = [await timed("variant", text), await timed("shipped", text)];
          if (pass === 0) continue;
          own.push(times[0] ?? Number.NaN);
          beside.push(times[1] ?? Number.NaN);
        }
        row[`${name}, ms`] = `${round(median(own), 1)} / ${round(median(beside), 1)}`;
      }
      rows.push(row);
      await ask("DROP TABLE variant SYNC");
      console.log(`${variant}: ${round((performance.now() - began) / 1_000)} s`);
    }
    return {
      title: `The events table and variants of it, ${EVENTS.toLocaleString("en-US")} events, half of them one tenant's`,
      rows,
      notes: [
        `as shipped ${round(shipped / EVENTS, 1)} bytes an event`,
        `times: variant / as shipped, median of ${RUNS} reads with FINAL in turn, warm, through the development server; one part a month`,
      ],
    };
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
