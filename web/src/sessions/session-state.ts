/** What a session is doing, out of what the API knows of it. Used by the list and the session's page. Pure. */
import type { Session } from "../../../schema/api/sessions.ts";

/** Silence after which a session is no longer at work, as in the live view. */
const IDLE_AFTER_MS = 5 * 60_000;
/** Silence after which its end will hardly come: the agent was stopped or lost its connection. */
const LOST_AFTER_MS = 24 * 3_600_000;
/** How often a session that may go on is asked about again. */
const RUNNING_EVERY_MS = 4_000;
const IDLE_EVERY_MS = 30_000;

export type SessionState = "running" | "idle" | "ended" | "lost";

type Known = Pick<Session, "ended" | "last_event_at">;

export function stateOf({ ended, last_event_at }: Known, now: number): SessionState {
  if (ended) return "ended";
  const silent = now - Date.parse(last_event_at);
  if (silent < IDLE_AFTER_MS) return "running";
  return silent < LOST_AFTER_MS ? "idle" : "lost";
}

const WORDS: Record<SessionState, string> = { running: "Running", idle: "Idle", ended: "Ended", lost: "No end" };

/** For people: the outcome says more than that it ended. */
export function stateLabel(session: Known & Pick<Session, "outcome">, now: number): string {
  const state = stateOf(session, now);
  return state === "ended" && session.outcome !== "" ? session.outcome : WORDS[state];
}

/** Why it is called that. */
export function stateReason(state: SessionState): string {
  if (state === "running") return "An event arrived in the last 5 minutes";
  if (state === "idle") return "Silent for more than 5 minutes, no end received";
  return state === "lost" ? "Silent for more than a day, no end received" : "Its end was received";
}

/** ms until it is asked about again; undefined: nothing more is expected. */
export function refreshMsOfSession(session: Known, now: number): number | undefined {
  const state = stateOf(session, now);
  if (state === "running") return RUNNING_EVERY_MS;
  return state === "idle" ? IDLE_EVERY_MS : undefined;
}

/** ms between its first and its last event. */
export function lengthOf(session: Pick<Session, "started_at" | "last_event_at">): number {
  return Date.parse(session.last_event_at) - Date.parse(session.started_at);
}
