/** Two worked examples for the document of POST /api/v1/query; a test asks both. Data only. */

/** What each model costs per session, day by day, beside the period before. */
export const COST_PER_SESSION = {
  from: "2026-11-01T00:00:00Z",
  to: "2026-11-08T00:00:00Z",
  measures: [
    { fn: "sum", of: "cost_nano_usd", as: "cost" },
    {
      fn: "ratio",
      numerator: { fn: "sum", of: "cost_nano_usd" },
      denominator: { fn: "uniq", of: "session" },
      as: "cost per session",
    },
  ],
  dimensions: ["time", "model"],
  interval: "1d",
  timezone: "Europe/Berlin",
  compare: "previous",
} as const;

/** The tools whose errors people wait for longest: a metadata path measured and another as dimension. */
export const SLOW_TOOLS = {
  from: "2026-11-01T00:00:00Z",
  to: "2026-11-08T00:00:00Z",
  measures: [
    { fn: "count", as: "errors" },
    { fn: "p95", of: { path: ["timing", "wait_ms"] }, as: "wait p95" },
  ],
  dimensions: ["tool_name", { path: ["exit", "reason"], as: "reason" }],
  filters: {
    op: "and",
    filters: [
      { op: "eq", of: "type", value: "error" },
      { op: "not", filter: { op: "in", of: "environment", values: ["test", "ci"] } },
      { op: "gt", of: { path: ["timing", "wait_ms"] }, value: 100 },
    ],
  },
  order: [{ by: "wait p95" }],
  limit: 20,
} as const;

export const EXAMPLES = `
Example 1: what each model costs, in all and per session, by day in Berlin, beside the period before:
${JSON.stringify(COST_PER_SESSION)}
A row of the answer: {"dimensions":["2026-10-31T23:00:00.000Z","opus"],"values":["1250000000","62500000"],"previous":["1100000000","61111111"]}

Example 2: tools by the wait before their errors, with a path into metadata as measure, dimension and filter:
${JSON.stringify(SLOW_TOOLS)}
A row of the answer: {"dimensions":["Bash","timeout"],"values":[41,29952],"previous":null}`;
