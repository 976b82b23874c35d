/**
 * Sessions and their events as the API answers them, made to measure. Used by tests of the page; nothing of it ships.
 */
import type { Session, SessionAnswer, TimelineEvent } from "../../schema/api/sessions.ts";

export const SESSION_START = Date.UTC(2026, 10, 22, 9);
const iso = (ms: number): string => new Date(ms).toISOString();

/** `second`: after the session's start. */
export function eventOf(
  second: number,
  event_type: string,
  metadata: Record<string, unknown> = {},
  rest: Partial<TimelineEvent> = {},
): TimelineEvent {
  const at = SESSION_START + second * 1_000;
  return {
    event_id: `e${second}`,
    event_type,
    event_category: "usage",
    timestamp: iso(at),
    received_at: iso(at + 400),
    seq: null,
    user_id: "ada",
    team: "core",
    environment: "production",
    agent: "claude-code",
    agent_version: "2.1.280",
    model: "",
    repo: "acme/web",
    branch: "main",
    tool_name: "",
    cost_nano_usd: null,
    cost_source: "",
    metadata,
    ...rest,
  };
}

export function sessionOf(rest: Partial<Session> = {}): Session {
  return {
    session_id: "s1",
    user_id: "ada",
    team: "core",
    agent: "claude-code",
    models: ["claude-opus-4-6"],
    repo: "acme/web",
    branch: "main",
    environment: "production",
    started_at: iso(SESSION_START),
    last_event_at: iso(SESSION_START + 192_000),
    ended: true,
    outcome: "completed",
    events: 12,
    errors: 1,
    security_alerts: 0,
    pull_requests: 1,
    tokens: 30_000,
    unpriced_tokens: 0,
    cost_nano_usd: "420000000",
    lines_added: 40,
    lines_removed: 7,
    ...rest,
  };
}

/** `count` events of a session at work: turns with a model call, a tool and now and then an edit or an error. */
export function workOf(count: number): TimelineEvent[] {
  return Array.from({ length: count }, (_, i) => {
    if (i === 0) return eventOf(0, "session_start", { entrypoint: "cli" });
    const kind = i % 10;
    if (kind === 1) return eventOf(i, "custom.turn", { turn: (i + 9) / 10 });
    if (kind === 4) return eventOf(i, "code_generated", { lines_added: i, lines_removed: 1, language: "typescript" });
    if (kind === 7) return eventOf(i, "error", { code: "exit_code", message: "Command failed" });
    if (kind % 2 === 0) return eventOf(i, "custom.tool_call", { tool_name: "Bash", duration_ms: 700, success: true });
    const tokens = { input_tokens: 100, output_tokens: 20, cache_read_tokens: 5_000, cache_write_tokens: 300 };
    const cost = { model: "claude-opus-4-6", cost_nano_usd: "35000000", cost_source: "reported" };
    return eventOf(i, "cost_incurred", { ...tokens, duration_ms: 1_500 }, cost);
  });
}

/** One page of a session, as the API cuts it: the cursor is the index of the next event. */
export function sessionPage(session: Session, events: readonly TimelineEvent[], query: URLSearchParams): SessionAnswer {
  const from = Number(query.get("cursor") ?? 0);
  const to = from + Number(query.get("limit") ?? 100);
  return {
    org_id: "acme",
    scope: "org",
    session,
    completeness: null,
    events: events.slice(from, to),
    next_cursor: to < events.length ? String(to) : null,
  };
}
