/**
 * Step 4 of ingest: a valid event becomes a row of `events`, with what only the edge knows (received_at, region, category,
 * team, cost in integer nano-USD). Called by the events route. Pure.
 */
import { categoryOf } from "../../schema/event.ts";
import { type EventRow, firstReceivedVersion } from "../../schema/event-row.ts";
import { eventIdHash, type Hash64, identityHash } from "../../schema/identity.ts";
import { NANO_USD } from "../../schema/limits.ts";
import type { Identified } from "./deduplicate.ts";
import type { ValidEvent } from "./validate.ts";

/** What a request adds to each of its events. */
export interface Enrichment {
  orgId: string;
  org: Hash64;
  /** Code of the Cloudflare location that received the request. */
  region: string;
  receivedAt: number;
  teamOfUser: ReadonlyMap<string, string>;
}

/** A row with the hashes of its identity, and its place in the request. */
export interface EnrichedEvent extends Identified {
  index: number;
  row: EventRow;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const count = (value: unknown): number => (typeof value === "number" ? value : 0);
const maybeNumber = (value: unknown): number | null => (typeof value === "number" ? value : null);
const maybeFlag = (value: unknown): boolean | null => (typeof value === "boolean" ? value : null);

/** Builds the row. `eventId`: the client's, or the one derived for it. Metadata has passed its schema. */
export function enrich(event: ValidEvent, eventId: string, index: number, add: Enrichment): EnrichedEvent {
  const { envelope, metadata } = event;
  const type = envelope.event_type;
  const hash = identityHash(add.org, type, event.timestampMs, eventId);
  const id = eventIdHash(eventId);
  const row: EventRow = {
    org_id: add.orgId,
    event_type: type,
    timestamp: event.timestampMs,
    event_id: eventId,
    user_id: envelope.user_id,
    session_id: envelope.session_id,
    team_id: envelope.team_id || add.teamOfUser.get(envelope.user_id) || "",
    event_category: envelope.event_category ?? categoryOf(type),
    environment: envelope.environment || "production",
    region: add.region,
    received_at: add.receivedAt,
    seq: envelope.seq ?? null,
    agent: envelope.agent || text(metadata.agent),
    agent_version: envelope.agent_version ?? "",
    model: envelope.model || text(metadata.model),
    repo: envelope.repo || text(metadata.repo),
    branch: envelope.branch || text(metadata.branch),
    language: "",
    tool_name: "",
    outcome: "",
    error_code: "",
    severity: "",
    rule: "",
    request_id: "",
    status_code: null,
    fatal: null,
    accepted: null,
    pr_number: null,
    lines_added: 0,
    lines_removed: 0,
    duration_ms: null,
    input_tokens: 0,
    output_tokens: 0,
    cache_read_tokens: 0,
    cache_write_tokens: 0,
    reasoning_tokens: 0,
    cost_nano_usd: null,
    cost_source: "",
    metadata: event.metadataText,
    _ver: firstReceivedVersion(add.receivedAt),
  };
  promote(row, metadata);
  return { index, row, timestampMs: event.timestampMs, hashHi: hash.hi, hashLo: hash.lo, idHi: id.hi, idLo: id.lo };
}

/** Copies the typed metadata of a standard type into its columns. */
function promote(row: EventRow, metadata: Record<string, unknown>): void {
  switch (row.event_type) {
    case "session_end":
      row.duration_ms = maybeNumber(metadata.duration_ms);
      row.outcome = text(metadata.outcome);
      break;
    case "code_generated":
      row.language = text(metadata.language);
      row.tool_name = text(metadata.tool_name);
      row.lines_added = count(metadata.lines_added);
      row.lines_removed = count(metadata.lines_removed);
      row.accepted = maybeFlag(metadata.accepted);
      break;
    case "pr_created":
      row.pr_number = maybeNumber(metadata.number);
      break;
    case "error":
      row.error_code = text(metadata.code);
      row.tool_name = text(metadata.tool_name);
      row.status_code = maybeNumber(metadata.status_code);
      row.fatal = maybeFlag(metadata.fatal);
      break;
    case "security_alert":
      row.rule = text(metadata.rule);
      row.severity = text(metadata.severity);
      break;
    case "cost_incurred":
      row.input_tokens = count(metadata.input_tokens);
      row.output_tokens = count(metadata.output_tokens);
      row.cache_read_tokens = count(metadata.cache_read_tokens);
      row.cache_write_tokens = count(metadata.cache_write_tokens);
      row.reasoning_tokens = count(metadata.reasoning_tokens);
      row.request_id = text(metadata.request_id);
      row.cost_nano_usd = typeof metadata.cost_usd === "number" ? Math.round(metadata.cost_usd * NANO_USD) : null;
      row.cost_source = row.cost_nano_usd === null ? "unpriced" : "reported";
      break;
  }
}

const PLAIN = /^[\w .:/@+-]*$/;
const quote = (value: string): string => (PLAIN.test(value) ? `"${value}"` : JSON.stringify(value));

/** Columns whose DEFAULT is what an absent value means; they are left out of the row's text. */
const OPTIONAL_TEXT = [
  "team_id",
  "region",
  "agent",
  "agent_version",
  "model",
  "repo",
  "branch",
  "language",
  "tool_name",
  "outcome",
  "error_code",
  "severity",
  "rule",
  "request_id",
  "cost_source",
] as const satisfies readonly (keyof EventRow)[];
const OPTIONAL_SCALAR = [
  "seq",
  "status_code",
  "fatal",
  "accepted",
  "pr_number",
  "lines_added",
  "lines_removed",
  "duration_ms",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
] as const satisfies readonly (keyof EventRow)[];

/** The row as one line of JSONEachRow, without the newline. Times and `_ver` are integers, exact in a double. */
export function rowText(row: EventRow): string {
  let line = `{"org_id":${quote(row.org_id)},"event_type":${quote(row.event_type)},"timestamp":${row.timestamp}`;
  line += `,"event_id":"${row.event_id}","user_id":${quote(row.user_id)},"session_id":${quote(row.session_id)}`;
  line += `,"event_category":"${row.event_category}","environment":${quote(row.environment)}`;
  line += `,"received_at":${row.received_at},"_ver":${row._ver}`;
  for (const name of OPTIONAL_TEXT) {
    const value = row[name];
    if (value !== "") line += `,"${name}":${quote(value)}`;
  }
  for (const name of OPTIONAL_SCALAR) {
    const value = row[name];
    if (value !== null && value !== 0) line += `,"${name}":${value}`;
    else if (value === 0 && NULLABLE.has(name)) line += `,"${name}":0`;
  }
  if (row.cost_nano_usd !== null) line += `,"cost_nano_usd":${row.cost_nano_usd}`;
  return row.metadata === "{}" ? `${line}}` : `${line},"metadata":${JSON.stringify(row.metadata)}}`;
}

/** Zero and absent differ here. */
const NULLABLE: ReadonlySet<string> = new Set(["seq", "status_code", "pr_number", "duration_ms"]);
