/**
 * The text of a row of `events`, one line of JSONEachRow, written straight from the event: no row object in between.
 * Columns are those of schema/clickhouse/0001_events.sql; what equals a column's DEFAULT is left out. Called by enrich. Pure.
 */
import type { Envelope } from "../../schema/event.ts";
import { VERSION_STEP } from "../../schema/limits.ts";
import type { EventCost } from "./otlp/price-event.ts";

/** What every row of a request shares, as text. */
export interface RowPrefix {
  readonly text: string;
}

/** `_ver` of revision 0 = 2^48 - 1 - received_at: the first received wins; exact in a double. */
export function rowPrefix(orgId: string, region: string, receivedAt: number): RowPrefix {
  const ver = VERSION_STEP - 1 - receivedAt;
  const shared = `{"org_id":${JSON.stringify(orgId)},"region":${JSON.stringify(region)}`;
  return { text: `${shared},"received_at":${receivedAt},"_ver":${ver}` };
}

type Metadata = Record<string, unknown>;

const field = (name: string, value: unknown): string =>
  typeof value === "string" && value !== "" ? `,"${name}":${JSON.stringify(value)}` : "";
const count = (name: string, value: unknown): string =>
  typeof value === "number" && value !== 0 ? `,"${name}":${value}` : "";
/** Zero and absent differ in these columns. */
const nullable = (name: string, value: unknown): string =>
  typeof value === "number" || typeof value === "boolean" ? `,"${name}":${value}` : "";

/** Columns made of a standard type's metadata. */
function promoted(eventType: string, metadata: Metadata, cost: EventCost | undefined): string {
  switch (eventType) {
    case "session_end":
      return nullable("duration_ms", metadata.duration_ms) + field("outcome", metadata.outcome);
    case "code_generated":
      return (
        field("language", metadata.language) +
        field("tool_name", metadata.tool_name) +
        count("lines_added", metadata.lines_added) +
        count("lines_removed", metadata.lines_removed) +
        nullable("accepted", metadata.accepted)
      );
    case "pr_created":
      return nullable("pr_number", metadata.number);
    case "error":
      return (
        field("error_code", metadata.code) +
        field("tool_name", metadata.tool_name) +
        nullable("status_code", metadata.status_code) +
        nullable("fatal", metadata.fatal)
      );
    case "security_alert":
      return field("rule", metadata.rule) + field("severity", metadata.severity);
    case "cost_incurred":
      return (
        count("input_tokens", metadata.input_tokens) +
        count("output_tokens", metadata.output_tokens) +
        count("cache_read_tokens", metadata.cache_read_tokens) +
        count("cache_write_tokens", metadata.cache_write_tokens) +
        count("reasoning_tokens", metadata.reasoning_tokens) +
        field("request_id", metadata.request_id) +
        (cost === undefined ? "" : nullable("cost_nano_usd", cost.nanoUsd) + field("cost_source", cost.source))
      );
    default:
      return "";
  }
}

/** What a row takes from elsewhere than the event. */
export interface RowParts {
  eventId: string;
  timestampMs: number;
  category: string;
  team: string;
  environment: string;
  agent: string;
  model: string;
  repo: string;
  branch: string;
  /** Of cost_incurred. */
  cost: EventCost | undefined;
  metadataText: string;
}

/** The line, without its newline. Times are integers: DateTime64 reads them as milliseconds. */
export function rowText(prefix: RowPrefix, envelope: Envelope, metadata: Metadata, parts: RowParts): string {
  const type = envelope.event_type;
  return (
    `${prefix.text},"event_type":"${type}","event_category":"${parts.category}","timestamp":${parts.timestampMs}` +
    `,"event_id":"${parts.eventId}","user_id":${JSON.stringify(envelope.user_id)}` +
    `,"session_id":${JSON.stringify(envelope.session_id)}` +
    (parts.environment === "production" ? "" : field("environment", parts.environment)) +
    field("team_id", parts.team) +
    field("agent", parts.agent) +
    field("agent_version", envelope.agent_version) +
    field("model", parts.model) +
    field("repo", parts.repo) +
    field("branch", parts.branch) +
    nullable("seq", envelope.seq) +
    promoted(type, metadata, parts.cost) +
    (parts.metadataText === "{}" ? "}\n" : `,"metadata":${JSON.stringify(parts.metadataText)}}\n`)
  );
}
