/** The twelve questions a dashboard asks, by name, over a history that ends at `end`. Used by the reading benches. */

export interface NamedQuery {
  name: string;
  path: string;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** `org`: chosen among a person's organisations. */
export function dashboardQueries(org: string, end: number): NamedQuery[] {
  const over = (path: string, ms: number, params: Record<string, string> = {}): string => {
    const range = { from: new Date(end - ms).toISOString(), to: new Date(end).toISOString() };
    return `/api/v1/${path}?${new URLSearchParams({ org, ...range, ...params })}`;
  };
  return [
    { name: "summary 24 h", path: over("metrics/summary", DAY_MS) },
    { name: "summary 7 d", path: over("metrics/summary", 7 * DAY_MS) },
    { name: "summary 30 d", path: over("metrics/summary", 30 * DAY_MS) },
    { name: "events by type 24 h", path: over("metrics/timeseries", DAY_MS, { group_by: "type" }) },
    {
      name: "cost by model 7 d, 1 h",
      path: over("metrics/timeseries", 7 * DAY_MS, { metric: "cost_nano_usd", group_by: "model", interval: "1h" }),
    },
    {
      name: "users 30 d, 1 d",
      path: over("metrics/timeseries", 30 * DAY_MS, { metric: "users", interval: "1d", compare: "previous" }),
    },
    {
      name: "top users by cost 7 d",
      path: over("metrics/top", 7 * DAY_MS, { dimension: "user", metric: "cost_nano_usd" }),
    },
    { name: "top repos 30 d", path: over("metrics/top", 30 * DAY_MS, { dimension: "repo" }) },
    { name: "active users 30 d", path: over("metrics/active-users", 30 * DAY_MS, { group_by: "team" }) },
    { name: "funnel 7 d", path: over("metrics/funnel", 7 * DAY_MS) },
    { name: "unit costs 30 d", path: over("metrics/unit-costs", 30 * DAY_MS) },
    { name: "sessions 24 h", path: over("sessions", DAY_MS, { limit: "50" }) },
  ];
}

/** One request's time in ms. Rejects when the answer is not 200. */
export async function ask(url: string, cookie: string, path: string, fresh = false): Promise<number> {
  const at = performance.now();
  const headers = { cookie, ...(fresh ? { "cache-control": "no-cache" } : {}) };
  const response = await fetch(url + path, { headers });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text.slice(0, 300)}`);
  return performance.now() - at;
}
