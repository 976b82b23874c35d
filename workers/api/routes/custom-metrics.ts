/**
 * /api/v1/custom-metrics: questions saved under a name. Everyone sees the definitions and asks them over their own rows; managers
 * and admins change them. A definition is checked again when it is read: the catalogue may have changed since.
 */
import {
  type CustomMetric,
  CustomMetricChangeSchema,
  CustomMetricCreateSchema,
  CustomMetricParamsSchema,
  CustomMetricPatchSchema,
  CustomMetricSchema,
  CustomMetricsAnswerSchema,
  CustomMetricsQuerySchema,
  CustomMetricValuesQuerySchema,
  MAX_CUSTOM_METRICS,
} from "../../../schema/api/custom-metrics.ts";
import { QueryAnswerSchema, type Question, SavedQuerySchema } from "../../../schema/api/query.ts";
import { MAX_DIMENSIONS } from "../../../schema/api/query-parts.ts";
import { PublicError } from "../../../schema/errors.ts";
import { changeWithRecord } from "../../shared/change-records.ts";
import {
  countMetrics,
  findMetric,
  insertMetric,
  listMetrics,
  type MetricRow,
  removeMetric,
  updateMetric,
} from "../../shared/custom-metric-statements.ts";
import { QUERY_CACHE } from "../cache/answers.ts";
import { databaseOf, noSuch, recordOf } from "../configuration.ts";
import { type Asking, requireCustomMetrics } from "../custom-metrics-feature.ts";
import { explore } from "../explore/run.ts";
import { pageOf, startOf } from "../id-pages.ts";
import { invalid } from "../range.ts";
import { defineRoute } from "../route.ts";
import { exploreContext } from "./query.ts";

/** A stored definition as people see it. */
function metricOf(row: MetricRow): CustomMetric {
  return {
    metric_id: row.metricId,
    name: row.name,
    description: row.description,
    query: savedQuery(row.query) ?? null,
    created_by: row.createdBy,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

/** The stored question; undefined when it is none any more. */
function savedQuery(text: string): Question | undefined {
  try {
    return SavedQuerySchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

async function metric({ c, principal }: Asking, id: string): Promise<MetricRow> {
  const row = await findMetric(databaseOf(c.env, principal), principal.org_id, id);
  if (row === undefined) throw noSuch("custom metric");
  return row;
}

export const customMetricsRoute = defineRoute({
  method: "get",
  path: "/api/v1/custom-metrics",
  permission: "metrics:read",
  reads: "configuration",
  summary: "The organisation's saved metrics",
  tags: ["custom metrics"],
  query: CustomMetricsQuerySchema,
  answer: CustomMetricsAnswerSchema,
  handler: async ({ c, principal, query }) => {
    await requireCustomMetrics({ c, principal });
    const after = startOf(query.cursor);
    const rows = await listMetrics(databaseOf(c.env, principal), principal.org_id, after, query.limit + 1);
    const { page, next_cursor } = pageOf(rows, query.limit, (row) => row.metricId);
    return { custom_metrics: page.map(metricOf), next_cursor };
  },
});

export const customMetricRoute = defineRoute({
  method: "get",
  path: "/api/v1/custom-metrics/:id",
  permission: "metrics:read",
  reads: "configuration",
  summary: "One saved metric",
  tags: ["custom metrics"],
  params: CustomMetricParamsSchema,
  answer: CustomMetricSchema,
  handler: async ({ c, principal, params }) => {
    await requireCustomMetrics({ c, principal });
    return metricOf(await metric({ c, principal }, params.id));
  },
});

export const createCustomMetricRoute = defineRoute({
  method: "post",
  path: "/api/v1/custom-metrics",
  permission: "custom_metrics:write",
  scope: "org",
  reads: "configuration",
  summary: "Save a question as a metric",
  description: `\`query\` is the body of POST /api/v1/query without \`from\`, \`to\` and \`cursor\`. At most ${MAX_CUSTOM_METRICS} an organisation.`,
  tags: ["custom metrics"],
  body: CustomMetricCreateSchema,
  answer: CustomMetricChangeSchema,
  handler: async ({ c, principal, body, now }) => {
    await requireCustomMetrics({ c, principal });
    const database = databaseOf(c.env, principal);
    const at = new Date(now);
    const row: MetricRow = {
      orgId: principal.org_id,
      metricId: crypto.randomUUID(),
      name: body.name,
      description: body.description,
      query: JSON.stringify(body.query),
      createdBy: principal.user_id,
      createdAt: at,
      updatedAt: at,
    };
    const after = metricOf(row);
    const change = { action: "custom_metric.create", target: row.metricId, before: null, after };
    const added = await changeWithRecord(
      database,
      insertMetric(row, MAX_CUSTOM_METRICS),
      recordOf(c, principal, now, change),
    );
    if (added) return { before: null, after };
    const isFull = (await countMetrics(database, principal.org_id)) >= MAX_CUSTOM_METRICS;
    throw isFull
      ? new PublicError("conflict", `an organisation has at most ${MAX_CUSTOM_METRICS} custom metrics`)
      : taken();
  },
});

export const changeCustomMetricRoute = defineRoute({
  method: "patch",
  path: "/api/v1/custom-metrics/:id",
  permission: "custom_metrics:write",
  scope: "org",
  reads: "configuration",
  summary: "Change a saved metric",
  tags: ["custom metrics"],
  params: CustomMetricParamsSchema,
  body: CustomMetricPatchSchema,
  answer: CustomMetricChangeSchema,
  handler: async ({ c, principal, params, body, now }) => {
    await requireCustomMetrics({ c, principal });
    const row = await metric({ c, principal }, params.id);
    const changed: MetricRow = {
      ...row,
      name: body.name ?? row.name,
      description: body.description ?? row.description,
      query: body.query === undefined ? row.query : JSON.stringify(body.query),
      // Strictly later, so that two changes within a millisecond do not pass for one.
      updatedAt: new Date(Math.max(now, row.updatedAt.getTime() + 1)),
    };
    const [before, after] = [metricOf(row), metricOf(changed)];
    const database = databaseOf(c.env, principal);
    const applied = await changeWithRecord(
      database,
      updateMetric(changed, row.updatedAt),
      recordOf(c, principal, now, { action: "custom_metric.update", target: row.metricId, before, after }),
    );
    if (applied) return { before, after };
    const current = await metric({ c, principal }, params.id);
    throw current.updatedAt.getTime() === row.updatedAt.getTime()
      ? taken()
      : new PublicError("conflict", "somebody else changed this metric at the same time; look again");
  },
});

export const removeCustomMetricRoute = defineRoute({
  method: "delete",
  path: "/api/v1/custom-metrics/:id",
  permission: "custom_metrics:write",
  scope: "org",
  reads: "configuration",
  summary: "Remove a saved metric",
  tags: ["custom metrics"],
  params: CustomMetricParamsSchema,
  answer: CustomMetricChangeSchema,
  handler: async ({ c, principal, params, now }) => {
    await requireCustomMetrics({ c, principal });
    const row = await metric({ c, principal }, params.id);
    const before = metricOf(row);
    const removed = await changeWithRecord(
      databaseOf(c.env, principal),
      removeMetric(principal.org_id, row.metricId),
      recordOf(c, principal, now, { action: "custom_metric.remove", target: row.metricId, before, after: null }),
    );
    if (!removed) throw noSuch("custom metric");
    return { before, after: null };
  },
});

export const customMetricValuesRoute = defineRoute({
  method: "get",
  path: "/api/v1/custom-metrics/:id/values",
  permission: "metrics:read",
  summary: "Ask a saved metric over a range, over the events that you may see",
  tags: ["custom metrics"],
  cache: QUERY_CACHE,
  params: CustomMetricParamsSchema,
  query: CustomMetricValuesQuerySchema,
  answer: QueryAnswerSchema,
  handler: async (input) => {
    await requireCustomMetrics(input);
    const saved = savedQuery((await metric(input, input.params.id)).query);
    if (saved === undefined)
      throw new PublicError("conflict", "what was saved is no valid query any more; save it again");
    const { from, to, cursor, interval, timezone } = input.query;
    const question = inSteps({ ...saved, timezone: timezone ?? saved.timezone }, interval);
    return await explore(input, { question, from, to, cursor }, await exploreContext(input));
  },
});

/** The question in these steps; time becomes its first dimension when it is none. */
function inSteps(question: Question, interval: Question["interval"] | undefined): Question {
  if (interval === undefined) return question;
  const { dimensions } = question;
  if (dimensions.includes("time")) return { ...question, interval };
  if (dimensions.length >= MAX_DIMENSIONS) {
    throw invalid("interval", `the metric has ${MAX_DIMENSIONS} dimensions already; time would be one more`);
  }
  return { ...question, interval, dimensions: ["time", ...dimensions] };
}

function taken(): PublicError {
  return new PublicError("conflict", "there is a custom metric with this name");
}
