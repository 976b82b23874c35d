/**
 * A fake Tenfold that answers every view at once, from seeded data: an organisation with ten models at work and any number of sessions. Used by
 * the test of the page's weight and by the bench of its speed; nothing of it ships.
 */
import { ActiveUsersAnswerSchema } from "../../schema/api/insights.ts";
import { QuerySchema } from "../../schema/api/query.ts";
import { COLUMN_NAMES, COMPARISONS_OF, FUNCTIONS_OF, QUERY_COLUMNS } from "../../schema/api/query-catalogue.ts";
import { dimensionName, measureName } from "../../schema/api/query-parts.ts";
import type { Session } from "../../schema/api/sessions.ts";
import { BOARD, METRICS } from "./dashboard-script.ts";
import type { FakeAnswer, FakeMe, FakeScript } from "./fake-tenfold.ts";
import {
  type ErrorGroups,
  errorGroups,
  funnel,
  questionRows,
  summary,
  timeseries,
  topByCost,
  unitCosts,
} from "./insight-script.ts";
import { SESSION_START, sessionOf, sessionPage, workOf } from "./session-script.ts";
import { type SettingsWorld, settingsAnswer, withRole } from "./settings-script.ts";

const HOUR = 3_600_000;
const USD = 1_000_000_000;
/** Ten of everything that a chart groups by. */
export const NAMES = Array.from({ length: 10 }, (_, i) => `name-${i}`);

/** Events over time by type, as Explore writes it into its address (web/src/explore/question-url.ts). */
const QUESTION = btoa(JSON.stringify({ measures: [{ fn: "count" }], dimensions: ["time", "type"] })).replaceAll(
  "=",
  "",
);

/** The pages whose first view is measured, each with an element that is there when its data is. */
export const PAGES: readonly { name: string; path: string; shown: string; signedOut?: true }[] = [
  { name: "sign-in", path: "/sign-in", shown: "#password", signedOut: true },
  { name: "live", path: "/live", shown: "[data-stat=rate]" },
  { name: "overview", path: "/overview?range=24h", shown: ".chart canvas" },
  { name: "sessions", path: "/sessions?range=24h", shown: "[data-row]" },
  { name: "session", path: "/sessions/s1", shown: "[data-row]" },
  { name: "cost", path: "/cost?range=24h", shown: ".chart canvas" },
  { name: "quality", path: "/quality?range=24h", shown: ".chart canvas" },
  { name: "security", path: "/security?range=24h", shown: ".chart canvas" },
  { name: "dashboards", path: "/dashboards", shown: "text=Agents at work" },
  { name: "dashboard", path: "/dashboards/board?range=24h", shown: ".chart canvas" },
  { name: "explore", path: "/explore", shown: "text=Start from nothing" },
  {
    name: "explore, asked",
    path: `/explore?range=24h&q=${QUESTION}`,
    shown: "[data-row], .chart canvas",
  },
  { name: "settings", path: "/settings/organisation", shown: "#main h2" },
  { name: "settings, keys", path: "/settings/keys", shown: "#main h2" },
  { name: "settings, members", path: "/settings/members", shown: "#main h2" },
  { name: "settings, integrations", path: "/settings/integrations", shown: "#main h2" },
  { name: "settings, usage", path: "/settings/usage", shown: ".chart canvas" },
  { name: "settings, privacy", path: "/settings/privacy", shown: "#main h2" },
  { name: "settings, prices", path: "/settings/prices", shown: "#main h2" },
  { name: "settings, pipeline", path: "/settings/pipeline", shown: "#main h2" },
];

/** `count` sessions, a minute apart, newest first. */
export function manySessions(count: number): Session[] {
  return Array.from({ length: count }, (_, i) =>
    sessionOf({
      session_id: `s${i}`,
      user_id: `user-${i % 97}`,
      repo: `acme/repo-${i % 31}`,
      events: (i * 7_919) % 1_000,
      errors: i % 3,
      started_at: new Date(SESSION_START - i * 60_000).toISOString(),
    }),
  );
}

/** A fake script with all of it, for an admin. */
export function pageScript(world: PageWorld, me: (org: string | null) => FakeMe, live: FakeScript["live"]): FakeScript {
  return {
    me: (org) => withRole(me(org), "admin"),
    live,
    api: (url, method, body) => pageAnswer(world, url, method, body),
  };
}

export interface PageWorld {
  sessions: readonly Session[];
  settings: SettingsWorld;
  /** Sessions a page holds at most; null: as many as were asked for. */
  pageOf: number | null;
}

/** The answer of any route a view asks; null: there is no such route. */
function pageAnswer(world: PageWorld, url: URL, method: string, body: string): FakeAnswer | null {
  const { pathname, searchParams } = url;
  if (pathname === "/api/v1/sessions") return { body: sessionList(world, searchParams) };
  if (pathname.startsWith("/api/v1/sessions/")) {
    return { body: sessionPage(sessionOf({ session_id: "s1" }), workOf(400), searchParams) };
  }
  const metric = metricAnswer(url);
  if (metric !== null) return { body: metric };
  if (pathname === "/api/v1/query") return { body: questionAnswer(body) };
  if (pathname === "/api/v1/query/catalogue") return { body: catalogue() };
  if (pathname === "/api/v1/custom-metrics") return { body: { custom_metrics: METRICS, next_cursor: null } };
  if (pathname === "/api/v1/dashboards") return { body: { dashboards: [BOARD], next_cursor: null } };
  if (pathname === `/api/v1/dashboards/${BOARD.dashboard_id}`) return { body: BOARD };
  return settingsAnswer(world.settings, url, method, body, Date.now());
}

function metricAnswer(url: URL): unknown {
  switch (url.pathname) {
    case "/api/v1/metrics/timeseries":
      return timeseries(url, wave, NAMES);
    case "/api/v1/metrics/summary":
      return summary(url, {
        events: 90_000,
        errors: 250,
        sessions: 4_000,
        pull_requests: 60,
        users: 120,
        p50: 192_000,
      });
    case "/api/v1/metrics/unit-costs":
      return unitCosts(url, {
        cost: String(420 * USD),
        unpriced: 1_500_000,
        unpriced_share: 0.04,
        units: {
          session: { count: 4_000, cost: String(USD / 10) },
          pull_request: { count: 60, cost: String(7 * USD) },
        },
      });
    case "/api/v1/metrics/top":
      return topByCost(
        url,
        NAMES.map((name, i) => [name, String((11 - i) * USD)]),
      );
    case "/api/v1/metrics/funnel":
      return funnel(url, [4_000, 3_000, 60]);
    case "/api/v1/metrics/active-users":
      return activeUsers(url);
    case "/api/v1/errors":
      return errorGroups(url, NAMES.map(errorGroup));
    default:
      return null;
  }
}

/** Three weeks of days in which most people come back. */
function activeUsers(url: URL): unknown {
  const days = Array.from({ length: 21 }, (_, i) => new Date(Date.UTC(2026, 10, 1 + i)).toISOString());
  const course = (most: number): number[] => days.map((_, i) => most - (i % 5));
  return ActiveUsersAnswerSchema.parse({
    ...(summary(url, {}) as Record<string, unknown>),
    timezone: "UTC",
    days,
    series: [{ team: null, daily: course(80), weekly: course(110), monthly: course(120) }],
  });
}

const errorGroup = (name: string, i: number): ErrorGroups[number] => ({
  fingerprint: name,
  code: name,
  tool: "Bash",
  shape: "Command exited with code <n>",
  example: "Command exited with code 127",
  count: 900 - i,
  first_seen: "2026-11-01T10:00:00.000Z",
  last_seen: "2026-11-22T10:00:00.000Z",
  users: 3,
  sessions: 5,
});

/** Waves that differ by name, the same for the same moment. */
function wave(metric: string, group: string, start: number): number | string {
  const phase = NAMES.indexOf(group);
  const value = Math.round(120 * (1.2 + Math.sin(start / HOUR / 3 + phase)));
  return metric === "cost_nano_usd" ? String(value * USD) : value;
}

function sessionList({ sessions, pageOf }: PageWorld, query: URLSearchParams): unknown {
  const from = Number(query.get("cursor") ?? 0);
  const to = from + (pageOf ?? Number(query.get("limit")));
  return {
    org_id: "acme",
    scope: "org",
    from: query.get("from"),
    to: query.get("to"),
    sessions: sessions.slice(from, to),
    next_cursor: to < sessions.length ? String(to) : null,
  };
}

/** An answer of any shape that was asked for: an hour in which two names did something. */
function questionAnswer(body: string): unknown {
  const { measures, dimensions } = QuerySchema.parse(JSON.parse(body));
  const hour = new Date(Math.floor(Date.now() / HOUR) * HOUR - HOUR).toISOString();
  const empty = questionRows([]) as Record<string, unknown>;
  return {
    ...empty,
    interval: dimensions.includes("time") ? "1h" : null,
    dimensions: dimensions.map((one) => ({ name: dimensionName(one), kind: one === "time" ? "time" : "text" })),
    measures: measures.map((one) => ({ name: measureName(one), fn: one.fn, unit: "events" })),
    rows: (dimensions.length === 0 ? NAMES.slice(0, 1) : NAMES.slice(0, 2)).map((name, n) => ({
      dimensions: dimensions.map((one) => (one === "time" ? hour : name)),
      values: measures.map((_, i) => 1_000 * (n + 1) + i),
      previous: null,
    })),
  };
}

function catalogue(): unknown {
  return {
    columns: COLUMN_NAMES.map((name) => {
      const column: { kind: keyof typeof FUNCTIONS_OF; on?: string } = QUERY_COLUMNS[name];
      const { kind, on = null } = column;
      const functions = ["count", ...FUNCTIONS_OF[kind]];
      return { ...QUERY_COLUMNS[name], name, on, functions, comparisons: COMPARISONS_OF[kind] };
    }),
    event_types: ["error", "custom.tool_call"],
    metadata_paths: [{ path: ["timing", "wait_ms"], kinds: ["number"], event_types: ["error"] }],
  };
}
