/**
 * POST /api/v1/query and GET /api/v1/query/catalogue: questions that people put together themselves. The work is in
 * workers/api/explore.
 */
import { CatalogueAnswerSchema, QueryAnswerSchema, QueryParamsSchema, QuerySchema } from "../../../schema/api/query.ts";
import { homeJurisdiction } from "../../shared/access-token.ts";
import { tenantConfig } from "../../shared/tenant-config.ts";
import { QUERY_CACHE } from "../cache/answers.ts";
import { readCatalogue } from "../explore/catalogue.ts";
import { EXAMPLES } from "../explore/examples.ts";
import { type ExploreState, explore, makeExploreState } from "../explore/run.ts";
import { defineRoute, type Input, type Permitted } from "../route.ts";

/** Counts and slots are an isolate's, by its bindings. */
const states = new WeakMap<object, ExploreState>();

/** What the work of a request needs besides its question. */
export async function exploreContext({
  c,
  principal,
  now,
}: Pick<Input<unknown, unknown, unknown> & Permitted, "c" | "principal" | "now">) {
  const state = states.get(c.env) ?? makeExploreState();
  states.set(c.env, state);
  const ref = { orgId: principal.org_id, home: homeJurisdiction(principal) };
  const { billing } = await tenantConfig(c.env, ref, c.executionCtx);
  return { plan: billing.plan, now, state };
}

export const queryRoute = defineRoute({
  method: "post",
  path: "/api/v1/query",
  permission: "metrics:read",
  summary: "Measures over your events by any dimensions",
  description: `Ask for measures (count, sum, avg, min, max, uniq, p50, p90, p95, p99, rate, ratio) over columns or metadata paths, by up to four
dimensions, with filters. GET /api/v1/query/catalogue lists what there is. A column that only some event types have is without a value on the
others, never zero. Percentiles are at most 0.8 % low; distinct values are exact up to 8,192, and about 0.2 % off above.
A question that would read too many single events is refused with 422 before it runs, one that takes longer than 10 s ends with 504, and the
fifth at the same time waits two seconds and is then refused with 429.
${EXAMPLES}`,
  tags: ["query"],
  cache: QUERY_CACHE,
  query: QueryParamsSchema,
  body: QuerySchema,
  answer: QueryAnswerSchema,
  handler: async (input) => {
    const { from, to, cursor, ...question } = input.body;
    return await explore(input, { question, from, to, cursor }, await exploreContext(input));
  },
});

export const catalogueRoute = defineRoute({
  method: "get",
  path: "/api/v1/query/catalogue",
  permission: "metrics:read",
  summary: "What can be asked: columns, functions, your event types and metadata paths",
  description:
    "Columns and functions are the same for everyone. Custom event types and metadata paths are those among your own events.",
  tags: ["query"],
  cache: QUERY_CACHE,
  query: QueryParamsSchema,
  answer: CatalogueAnswerSchema,
  handler: async (input) => await readCatalogue(input, input.now),
});
