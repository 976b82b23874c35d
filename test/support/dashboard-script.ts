/** Saved metrics, dashboards with versions, and answers to any question, for the fake server. Used by the browser test of dashboards. */
import type { CustomMetric } from "../../schema/api/custom-metrics.ts";
import { type Dashboard, DashboardCreateSchema, DashboardPatchSchema, type Tile } from "../../schema/api/dashboards.ts";
import { type QueryAnswer, QuerySchema, SavedQuerySchema } from "../../schema/api/query.ts";
import { dimensionName, measureName } from "../../schema/api/query-parts.ts";
import type { FakeAnswer } from "./fake-tenfold.ts";

const HOUR = 3_600_000;
const NOW = "2026-11-22T10:00:00.000Z";

const metric = (metric_id: string, name: string, question: unknown): CustomMetric => ({
  metric_id,
  name,
  description: "",
  query: question === null ? null : SavedQuerySchema.parse(question),
  created_by: "u1",
  created_at: NOW,
  updated_at: NOW,
});
export const METRICS: readonly CustomMetric[] = [
  metric("hourly", "Events by agent", { measures: [{ fn: "count" }], dimensions: ["time", "agent"] }),
  metric("total", "Events", { measures: [{ fn: "count", as: "events" }], compare: "previous" }),
  metric("agents", "Agents", { measures: [{ fn: "count" }], dimensions: ["agent"] }),
  metric("hebrew", "מדד עם שם ארוך מאוד שלא נכנס לאריח צר בשום אופן", { measures: [{ fn: "uniq", of: "user" }] }),
];

export const tile = (metric_id: string, x: number, y: number, w = 6, h = 6): Tile => ({ metric_id, x, y, w, h });

export function dashboardOf(dashboard_id: string, parts: Partial<Dashboard> = {}): Dashboard {
  const blank = { name: dashboard_id, shared: false, items: [], version: 1, created_by: "u1" };
  return { ...blank, created_at: NOW, updated_at: NOW, dashboard_id, ...parts };
}

/** A shared dashboard with a tile of each kind. */
export const BOARD = dashboardOf("board", {
  name: "Agents at work",
  shared: true,
  items: [
    tile("hourly", 0, 0, 9, 6),
    tile("total", 9, 0, 3, 3),
    tile("hebrew", 9, 3, 3, 3),
    tile("agents", 0, 6, 6, 5),
  ],
});

/** What the fake knows; tests change it while the page runs. */
export class DashboardWorld {
  dashboards: Dashboard[] = [];
  metrics: CustomMetric[] = [...METRICS];
  /** Instead of an answer to questions, or to anything about dashboards. */
  refuseQuestions: FakeAnswer | null = null;
  refuse: FakeAnswer | null = null;
  /** How many questions about dashboards' metrics were asked, with their filters. */
  asked: unknown[] = [];

  answer(url: URL, method: string, body: string): FakeAnswer | null {
    const [, , , resource, id] = url.pathname.split("/");
    if (resource === "custom-metrics") return { body: { custom_metrics: this.metrics, next_cursor: null } };
    if (resource === "query" && id === undefined) {
      const question = QuerySchema.parse(JSON.parse(body));
      this.asked.push(question.filters);
      return this.refuseQuestions ?? { body: answerTo(question) };
    }
    if (url.pathname === "/api/v1/metrics/timeseries") return { body: timeseries(url.searchParams) };
    return resource === "dashboards" ? (this.refuse ?? this.#dashboard(method, id, body)) : null;
  }

  #dashboard(method: string, id: string | undefined, body: string): FakeAnswer {
    if (method === "GET" && id === undefined) return { body: { dashboards: this.dashboards, next_cursor: null } };
    if (method === "POST") {
      const after = dashboardOf(`d${this.dashboards.length + 1}`, DashboardCreateSchema.parse(JSON.parse(body)));
      this.dashboards = [...this.dashboards, after];
      return { body: { before: null, after } };
    }
    const before = this.dashboards.find(({ dashboard_id }) => dashboard_id === id);
    if (before === undefined) return { status: 404, code: "not_found", message: "there is no such dashboard" };
    if (method === "GET") return { body: before };
    if (method === "DELETE") {
      this.dashboards = this.dashboards.filter((one) => one !== before);
      return { body: { before, after: null } };
    }
    const { version, ...patch } = DashboardPatchSchema.parse(JSON.parse(body));
    if (version !== before.version) {
      const message = `somebody changed this dashboard meanwhile: it is at version ${before.version}, you saw ${version}`;
      return { status: 409, code: "conflict", message };
    }
    const after = dashboardOf(before.dashboard_id, { ...before, ...patch, version: version + 1 });
    this.dashboards = this.dashboards.map((one) => (one === before ? after : one));
    return { body: { before, after } };
  }
}

const hoursOf = (from: string, to: string): string[] => {
  const first = Math.floor(Date.parse(from) / HOUR) * HOUR;
  const count = Math.ceil((Date.parse(to) - first) / HOUR);
  return Array.from({ length: count }, (_, i) => new Date(first + i * HOUR).toISOString());
};

function answerTo({
  from = "",
  to = "",
  measures,
  dimensions,
  timezone,
  compare,
}: ReturnType<typeof QuerySchema.parse>): QueryAnswer {
  const isTimed = dimensions.includes("time");
  const hours = isTimed ? hoursOf(from, to) : [""];
  const agents = ["claude-code", "codex", "gemini-cli", "وكيل 🚀"];
  const rows = hours.flatMap((hour, h) =>
    agents.map((name, n) => ({
      dimensions: dimensions.map((one) => (one === "time" ? hour : name)),
      values: measures.map(() => Math.round(1_200 * (4 - n) * (1 + 0.5 * Math.sin((h + n * 3) / 3)))),
      previous: compare === undefined ? null : measures.map(() => 4_000),
    })),
  );
  return {
    org_id: "acme",
    scope: "org",
    from,
    to,
    previous_from: compare === undefined ? null : from,
    interval: isTimed ? "1h" : null,
    timezone,
    dimensions: dimensions.map((one) => ({ name: dimensionName(one), kind: one === "time" ? "time" : "text" })),
    measures: measures.map((one) => ({ name: measureName(one), fn: one.fn, unit: "events" })),
    rows: dimensions.length === 0 ? rows.slice(0, 1) : rows,
    next_cursor: null,
    sources: [],
    stale_hours: [],
    complete_until: to,
  };
}

function timeseries(query: URLSearchParams): unknown {
  const [from, to] = [query.get("from") ?? "", query.get("to") ?? ""];
  const times = hoursOf(from, to);
  return {
    org_id: "acme",
    scope: "org",
    from,
    to,
    previous_from: null,
    metric: query.get("metric"),
    unit: "count",
    group_by: query.get("group_by"),
    interval: "1h",
    timezone: "UTC",
    times,
    series: [{ group: null, other: false, values: times.map(() => 1), total: times.length }],
    sources: [],
    stale_hours: [],
    complete_until: to,
  };
}
