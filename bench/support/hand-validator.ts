/**
 * The event's contract checked by hand, as somebody would who has only speed in mind: the limit that the compiled schema is
 * measured against. Used by the validate bench alone, which refuses to run when its verdicts differ from the schema's.
 */
import { EVENT_CATEGORIES } from "../../schema/event.ts";
import {
  MAX_COST_USD,
  MAX_DURATION_MS,
  MAX_ENVIRONMENT_LENGTH,
  MAX_ID_LENGTH,
  MAX_LINES,
  MAX_STATUS_CODE,
  MAX_TOKENS,
  MAX_UINT32,
} from "../../schema/limits.ts";

type Bag = Record<string, unknown>;
/** Why not, as short as it is useful; undefined: valid. */
type Fault = string | undefined;

const GUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;
const TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const CUSTOM = /^custom\.[a-z0-9][a-z0-9_.-]{0,99}$/;
const CATEGORIES: ReadonlySet<unknown> = new Set(EVENT_CATEGORIES);
const SEVERITIES: ReadonlySet<unknown> = new Set(["info", "low", "medium", "high", "critical"]);

const isBag = (value: unknown): value is Bag => typeof value === "object" && value !== null && !Array.isArray(value);
/** zod counts code points; a string of no more UTF-16 units than that has no more of them either. */
const within = (value: string, max: number): boolean => value.length <= max || [...value].length <= max;
const text = (value: unknown, max: number): boolean =>
  value === undefined || value === null || (typeof value === "string" && within(value, max) && value.isWellFormed());
const label = (value: unknown): boolean => text(value, MAX_ID_LENGTH);
const id = (value: unknown): boolean =>
  typeof value === "string" && value.length > 0 && within(value, MAX_ID_LENGTH) && value.isWellFormed();
const int = (value: unknown, max: number): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max);
const flag = (value: unknown): boolean => value === undefined || value === null || typeof value === "boolean";

function dateTime(value: unknown): boolean {
  if (typeof value !== "string") return false;
  if (!TIME.test(value)) return false;
  const day = Number(value.slice(8, 10));
  if (day < 29) return true;
  const year = Number(value.slice(0, 4));
  const month = Number(value.slice(5, 7));
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return day <= (month === 2 ? (leap ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31);
}

/** The verdict of `EventSchema` on any parsed JSON value. */
export function checkByHand(value: unknown): Fault {
  if (!isBag(value)) return "not an object";
  const { event_id, org_id, event_category } = value;
  if (event_id !== undefined && event_id !== null && (typeof event_id !== "string" || !GUID.test(event_id))) {
    return "event_id";
  }
  if (org_id !== undefined && org_id !== null && (typeof org_id !== "string" || !within(org_id, MAX_ID_LENGTH))) {
    return "org_id";
  }
  if (!id(value.user_id)) return "user_id";
  if (!id(value.session_id)) return "session_id";
  if (event_category !== undefined && event_category !== null && !CATEGORIES.has(event_category)) {
    return "event_category";
  }
  if (!dateTime(value.timestamp)) return "timestamp";
  if (!int(value.seq, MAX_UINT32)) return "seq";
  if (!text(value.environment, MAX_ENVIRONMENT_LENGTH)) return "environment";
  if (!label(value.team_id)) return "team_id";
  if (!label(value.agent)) return "agent";
  if (!label(value.agent_version)) return "agent_version";
  if (!label(value.model)) return "model";
  if (!label(value.repo)) return "repo";
  if (!label(value.branch)) return "branch";
  const { event_type, metadata } = value;
  if (typeof event_type !== "string") return "event_type";
  if (metadata === undefined || metadata === null) return knownType(event_type) ? undefined : "event_type";
  return isBag(metadata) ? checkMetadata(event_type, metadata) : "metadata";
}

function knownType(type: string): boolean {
  switch (type) {
    case "session_start":
    case "session_end":
    case "code_generated":
    case "pr_created":
    case "error":
    case "security_alert":
    case "cost_incurred":
      return true;
    default:
      return CUSTOM.test(type);
  }
}

function checkMetadata(type: string, m: Bag): Fault {
  switch (type) {
    case "session_start":
      return label(m.agent) && label(m.model) && label(m.repo) && label(m.branch) && label(m.entrypoint)
        ? undefined
        : "metadata";
    case "session_end":
      return int(m.duration_ms, MAX_DURATION_MS) && label(m.outcome) ? undefined : "metadata";
    case "code_generated":
      return label(m.language) &&
        int(m.lines_added, MAX_LINES) &&
        int(m.lines_removed, MAX_LINES) &&
        flag(m.accepted) &&
        label(m.tool_name)
        ? undefined
        : "metadata";
    case "pr_created":
      return label(m.repo) && int(m.number, MAX_UINT32) && text(m.url, 2_048) && text(m.title, 4_096)
        ? undefined
        : "metadata";
    case "error":
      return label(m.code) &&
        text(m.message, 16_384) &&
        int(m.status_code, MAX_STATUS_CODE) &&
        flag(m.fatal) &&
        label(m.tool_name)
        ? undefined
        : "metadata";
    case "security_alert":
      return label(m.rule) && (m.severity === undefined || m.severity === null || SEVERITIES.has(m.severity))
        ? undefined
        : "metadata";
    case "cost_incurred":
      return label(m.model) &&
        int(m.input_tokens, MAX_TOKENS) &&
        int(m.output_tokens, MAX_TOKENS) &&
        int(m.cache_read_tokens, MAX_TOKENS) &&
        int(m.cache_write_tokens, MAX_TOKENS) &&
        int(m.reasoning_tokens, MAX_TOKENS) &&
        cost(m.cost_usd) &&
        label(m.request_id)
        ? undefined
        : "metadata";
    default:
      if (!CUSTOM.test(type)) return "event_type";
      return label(m.agent) && label(m.model) && label(m.repo) && label(m.branch) ? undefined : "metadata";
  }
}

const cost = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "number" && value >= 0 && value <= MAX_COST_USD);
