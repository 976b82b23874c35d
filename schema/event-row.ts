/**
 * The row of ClickHouse's `events` table as ingest writes it (JSONEachRow); columns of schema/clickhouse/0001_events.sql.
 * Written by workers/ingest, checked against the DDL by a test. Columns with a DEFAULT are left out.
 */
import type { EventCategory } from "./event.ts";

/** 2^48: `_ver` = revision * 2^48 + (2^48 - 1 - received_at in ms), so the first received of a revision wins. */
export const VERSION_STEP = 2 ** 48;

/** `_ver` of a row that ingest writes (revision 0): exact in a double. */
export function firstReceivedVersion(receivedAtMs: number): number {
  return VERSION_STEP - 1 - receivedAtMs;
}

export const COST_SOURCES = ["", "reported", "computed", "unpriced"] as const;
export type CostSource = (typeof COST_SOURCES)[number];

/** One event's columns. Times are ms since the epoch; absent numbers are null where zero has a meaning of its own. */
export interface EventRow {
  org_id: string;
  event_type: string;
  timestamp: number;
  event_id: string;
  user_id: string;
  session_id: string;
  team_id: string;
  event_category: EventCategory;
  environment: string;
  region: string;
  received_at: number;
  seq: number | null;
  agent: string;
  agent_version: string;
  model: string;
  repo: string;
  branch: string;
  language: string;
  tool_name: string;
  outcome: string;
  error_code: string;
  severity: string;
  rule: string;
  request_id: string;
  status_code: number | null;
  fatal: boolean | null;
  accepted: boolean | null;
  pr_number: number | null;
  lines_added: number;
  lines_removed: number;
  duration_ms: number | null;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  reasoning_tokens: number;
  cost_nano_usd: number | null;
  cost_source: CostSource;
  metadata: string;
  _ver: number;
}
