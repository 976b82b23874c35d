/**
 * Sessions out of one region or two: one session from its parts, a page from two lists, an event from its row. Pure.
 * Called by routes/sessions.ts.
 */
import type { Session, TimelineEvent } from "../../schema/api/sessions.ts";
import { addDecimals } from "./merge.ts";
import type { EventRow, SessionPlace, SessionRow } from "./queries/sessions.ts";
import { iso } from "./range.ts";

/** Model names shown of one session. */
const MAX_MODELS = 10;

/** Later starts first, then by id, descending: the order of the list. */
export function bySessionOrder(a: SessionPlace, b: SessionPlace): number {
  return Number(b.started) - Number(a.started) || (a.session_id < b.session_id ? 1 : -1);
}

/** One session from what each region knows of it; `parts` has at least one. */
export function mergeSession(parts: readonly [SessionRow, ...SessionRow[]]): Session {
  const [first] = [...parts].sort((a, b) => Number(a.started) - Number(b.started)) as [SessionRow];
  const last = parts.reduce((a, b) => (Number(b.last) > Number(a.last) ? b : a));
  const label = (pick: (row: SessionRow) => string): string =>
    pick(first) || (parts.map(pick).find((v) => v !== "") ?? "");
  const sum = (pick: (row: SessionRow) => string): string => addDecimals(parts.map(pick));
  const count = (pick: (row: SessionRow) => string): number => Number(sum(pick));
  return {
    session_id: first.session_id,
    user_id: first.user,
    team: label((row) => row.team),
    agent: label((row) => row.first_agent),
    models: [...new Set(parts.flatMap((row) => row.models))].sort().slice(0, MAX_MODELS),
    repo: label((row) => row.first_repo),
    branch: label((row) => row.first_branch),
    environment: label((row) => row.env),
    started_at: iso(Number(first.started)),
    last_event_at: iso(Number(last.last)),
    ended: parts.some((row) => row.ended > 0),
    outcome: last.result || label((row) => row.result),
    events: count((row) => row.events),
    errors: count((row) => row.errors),
    security_alerts: count((row) => row.security_alerts),
    pull_requests: count((row) => row.pull_requests),
    tokens: count((row) => row.token_sum),
    unpriced_tokens: count((row) => row.unpriced),
    cost_nano_usd: sum((row) => row.cost),
    lines_added: count((row) => row.added),
    lines_removed: count((row) => row.removed),
  };
}

/**
 * The places of a page that are their session's true place. A session with events in both regions is in both lists, once at
 * a start that is not its own: that row is dropped, the other one (if the filters list it) shows the whole session.
 */
export function atTrueStart(
  page: readonly SessionPlace[],
  parts: ReadonlyMap<string, readonly SessionRow[]>,
): SessionPlace[] {
  const seen = new Set<string>();
  return page.filter((row) => {
    const listed = (parts.get(row.session_id) ?? []).filter((part) => part.matched === 1);
    const start = Math.min(Number(row.started), ...listed.map((part) => Number(part.started)));
    if (Number(row.started) !== start || seen.has(row.session_id)) return false;
    seen.add(row.session_id);
    return true;
  });
}

/** Oldest first; `order_seq` -1 (none) before numbers. */
export function byEventOrder(a: EventRow, b: EventRow): number {
  return Number(a.at) - Number(b.at) || Number(a.order_seq) - Number(b.order_seq) || (a.event_id < b.event_id ? -1 : 1);
}

export function toTimelineEvent(row: EventRow): TimelineEvent {
  const seq = Number(row.order_seq);
  return {
    event_id: row.event_id,
    event_type: row.event_type,
    event_category: row.event_category,
    timestamp: iso(Number(row.at)),
    received_at: iso(Number(row.received)),
    seq: seq < 0 ? null : seq,
    user_id: row.user_id,
    team: row.team_id,
    environment: row.environment,
    agent: row.agent,
    agent_version: row.agent_version,
    model: row.model,
    repo: row.repo,
    branch: row.branch,
    tool_name: row.tool_name,
    cost_nano_usd: row.cost,
    cost_source: row.cost_source,
    metadata: parseMetadata(row.metadata),
  };
}

/** Ingest stores an object; anything else is shown as empty rather than failing the page. */
function parseMetadata(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
  } catch {
    return {};
  }
}
