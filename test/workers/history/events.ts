/** Events made by chance: several people, teams and models, around changes of the clock and ends of months. */
import type { EventInput } from "../api/world.ts";
import { DAY, HOUR } from "./world.ts";

const TYPES = [
  "session_start",
  "session_end",
  "code_generated",
  "cost_incurred",
  "cost_incurred",
  "error",
  "security_alert",
  "pr_created",
  "custom.lint",
];
const pick = <T>(random: () => number, list: readonly [T, ...T[]]): T =>
  list[Math.floor(random() * list.length)] ?? list[0];
const upTo = (random: () => number, max: number): number => Math.floor(random() * max);

/** Where events are: both changes of Berlin's clock, New York's spring, ends of months and of a year. */
export const PLACES: readonly [number, number][] = [
  [Date.UTC(2026, 2, 28), 3 * DAY],
  [Date.UTC(2026, 9, 24), 3 * DAY],
  [Date.UTC(2026, 2, 7), 3 * DAY],
  [Date.UTC(2026, 3, 29), 3 * DAY],
  [Date.UTC(2025, 11, 30), 3 * DAY],
];

/** Hours with events in each place; the more, the longer everything takes. */
const BUSY_HOURS = 10;

/** `count` events of an org. Every 7th stands on an hour's border, so that borders are tried too. */
export function makeEvents(orgId: string, count: number, random: () => number): EventInput[] {
  return Array.from({ length: count }, (_, n) => {
    const [from, length] = PLACES[upTo(random, PLACES.length)] ?? [0, DAY];
    const hour = from + (upTo(random, BUSY_HOURS) * 7 + 3) * HOUR;
    const at = Math.min(hour + upTo(random, HOUR), from + length - 1);
    const event_type = pick(random, TYPES as [string, ...string[]]);
    const costs = event_type === "cost_incurred";
    const code = event_type === "code_generated";
    const cost_source = costs ? pick(random, ["reported", "computed", "unpriced"]) : "";
    const user = upTo(random, 9);
    return {
      org_id: orgId,
      event_type,
      event_id: crypto.randomUUID(),
      timestamp: new Date(n % 7 === 0 ? Math.floor(at / HOUR) * HOUR - (n % 2) : at).toISOString(),
      user_id: `user-${user}`,
      // Now and then two people are in one session, and some sessions run for days.
      session_id: user < 2 ? `long-${user}` : `s${n % 29 === 0 ? 3 : user}-${Math.floor(at / (9 * HOUR))}`,
      team_id: pick(random, ["red", "blue", ""]),
      agent: pick(random, ["claude-code", "codex"]),
      model: costs ? pick(random, ["alpha", "beta", "gamma"]) : "",
      repo: pick(random, ["r1", "r2", "r3", ""]),
      environment: pick(random, ["production", "staging"]),
      language: code ? pick(random, ["ts", "go"]) : "",
      tool_name: pick(random, ["edit", "bash", ""]),
      error_code: event_type === "error" ? pick(random, ["E1", "E2"]) : "",
      rule: event_type === "security_alert" ? pick(random, ["no-secrets", "sandbox"]) : "",
      outcome: event_type === "session_end" ? pick(random, ["success", "failure"]) : "",
      duration_ms: event_type === "session_end" ? String(1 + upTo(random, 5_000_000)) : null,
      input_tokens: costs ? upTo(random, 100_000) : 0,
      output_tokens: costs ? upTo(random, 10_000) : 0,
      cache_read_tokens: costs ? upTo(random, 1_000_000) : 0,
      reasoning_tokens: costs ? upTo(random, 5_000) : 0,
      cost_nano_usd: costs && cost_source !== "unpriced" ? String(upTo(random, 10_000_000_000)) : null,
      cost_source,
      lines_added: code ? upTo(random, 400) : 0,
      lines_removed: code ? upTo(random, 90) : 0,
      accepted: code ? pick(random, [true, false, null]) : null,
      metadata:
        event_type === "error"
          ? JSON.stringify({
              message: `cannot open /tmp/${upTo(random, 99)}.ts at 0x${upTo(random, 4096).toString(16)}`,
            })
          : "{}",
    };
  });
}

/** What the network and time do to a batch: some events again, as they were; some again with a later price; any order. */
export function asDelivered(events: readonly EventInput[], random: () => number): EventInput[] {
  const again = events.filter(() => random() < 0.15);
  const repriced = events
    .filter((event) => event.cost_source === "unpriced" && random() < 0.3)
    .map((event) => ({ ...event, cost_nano_usd: "777", cost_source: "computed", revision: 1 }));
  return [...events, ...again, ...repriced]
    .map((event) => ({ event, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ event }) => event);
}
