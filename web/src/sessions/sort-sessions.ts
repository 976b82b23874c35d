/**
 * The loaded sessions in another order than the API's, and as cells of a CSV file. The list offers other orders only when every session
 * of the range is loaded: among a part they would mislead. Pure.
 */
import type { Session } from "../../../schema/api/sessions.ts";
import { formatUsdExact } from "../format/money.ts";
import { lengthOf, stateLabel } from "./session-state.ts";

type Value = string | number | bigint;

const VALUES = {
  started: ({ started_at }: Session): Value => Date.parse(started_at),
  user: ({ user_id }: Session): Value => user_id,
  agent: ({ agent }: Session): Value => agent,
  duration: lengthOf,
  events: ({ events }: Session): Value => events,
  errors: ({ errors }: Session): Value => errors,
  lines: ({ lines_added }: Session): Value => lines_added,
  tokens: ({ tokens }: Session): Value => tokens,
  cost: ({ cost_nano_usd }: Session): Value => BigInt(cost_nano_usd),
} satisfies Record<string, (session: Session) => Value>;
export type SessionOrder = keyof typeof VALUES;

/** Equal ones stay in the API's order; an order that does not exist is the API's. */
export function sortSessions(
  sessions: readonly Session[],
  { column, descending }: { column: string; descending: boolean },
): readonly Session[] {
  if (!isOrder(column)) return sessions;
  const read = VALUES[column];
  const way = descending ? -1 : 1;
  return [...sessions].sort((a, b) => way * compare(read(a), read(b)));
}

function isOrder(column: string): column is SessionOrder {
  return Object.hasOwn(VALUES, column);
}

function compare(a: Value, b: Value): number {
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

const CSV: readonly [string, (session: Session, now: number) => string | number][] = [
  ["session_id", ({ session_id }) => session_id],
  ["started_at", ({ started_at }) => started_at],
  ["last_event_at", ({ last_event_at }) => last_event_at],
  ["duration_ms", lengthOf],
  ["user_id", ({ user_id }) => user_id],
  ["team", ({ team }) => team],
  ["agent", ({ agent }) => agent],
  ["models", ({ models }) => models.join(", ")],
  ["repo", ({ repo }) => repo],
  ["branch", ({ branch }) => branch],
  ["environment", ({ environment }) => environment],
  ["state", (session, now) => stateLabel(session, now)],
  ["events", ({ events }) => events],
  ["errors", ({ errors }) => errors],
  ["security_alerts", ({ security_alerts }) => security_alerts],
  ["pull_requests", ({ pull_requests }) => pull_requests],
  ["lines_added", ({ lines_added }) => lines_added],
  ["lines_removed", ({ lines_removed }) => lines_removed],
  ["tokens", ({ tokens }) => tokens],
  ["unpriced_tokens", ({ unpriced_tokens }) => unpriced_tokens],
  ["cost_usd", ({ cost_nano_usd }) => formatUsdExact(cost_nano_usd).replace(/[$,]/g, "").replace("−", "-")],
];

export function sessionsCsv(
  sessions: readonly Session[],
  now: number,
): { titles: string[]; cells: (string | number)[][] } {
  return {
    titles: CSV.map(([title]) => title),
    cells: sessions.map((session) => CSV.map(([, read]) => read(session, now))),
  };
}
