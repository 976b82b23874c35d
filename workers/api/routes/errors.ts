/**
 * GET /api/v1/errors: errors by fingerprint, most frequent first. A group's page place is its count and fingerprint within a range
 * that the cursor pins, so an error that comes in between may move a group but never the range.
 */
import { ErrorsAnswerSchema, ErrorsQuerySchema, MAX_ERROR_GROUPS } from "../../../schema/api/insights.ts";
import { METRICS_CACHE } from "../cache/answers.ts";
import { readErrorsCursor, writeErrorsCursor } from "../cursor.ts";
import { byErrorOrder, errorGroups, showErrorGroup } from "../insights.ts";
import { readRegions } from "../merge.ts";
import { errorGroupsQuery } from "../queries/errors.ts";
import { iso, resolveRange } from "../range.ts";
import { defineRoute } from "../route.ts";
import { uniteParts } from "../unite.ts";
import { filtersOf, sameRange, scopeName } from "./metrics.ts";

export const errorsRoute = defineRoute({
  method: "get",
  path: "/api/v1/errors",
  permission: "metrics:read",
  cache: METRICS_CACHE,
  summary: "Errors grouped by what they have in common",
  description:
    "A group is one code, one tool and one shape of message: the message without paths, identifiers in hex and numbers.",
  tags: ["insights"],
  query: ErrorsQuerySchema,
  answer: ErrorsAnswerSchema,
  handler: async ({ query, now, read, regions, access }) => {
    const place = query.cursor === undefined ? undefined : readErrorsCursor(query.cursor);
    if (place !== undefined) sameRange(query, place.range);
    const range = place?.range ?? resolveRange(query, now);
    const input = { range, filters: filtersOf(query), united: regions.length > 1 };
    const answers = await readRegions(read, regions, errorGroupsQuery, access, input);
    const groups = errorGroups(answers);
    const kept = groups.slice(0, MAX_ERROR_GROUPS);
    const rest = place === undefined ? kept : kept.filter((group) => byErrorOrder(place.after, group) < 0);
    const page = rest.slice(0, query.limit);
    const asking = { read, regions, access };
    const [users, sessions] = await Promise.all([
      uniteParts(
        asking,
        "users",
        page.map(({ parts }) => parts.map((part) => ({ value: part.users, state: part.users_state }))),
      ),
      uniteParts(
        asking,
        "sessions",
        page.map(({ parts }) => parts.map((part) => ({ value: part.sessions, state: part.sessions_state }))),
      ),
    ]);
    const last = page.at(-1);
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      from: iso(range.from),
      to: iso(range.to),
      groups: page.map((group, i) => showErrorGroup(group, users[i] ?? "0", sessions[i] ?? "0")),
      truncated: groups.length > MAX_ERROR_GROUPS,
      next_cursor:
        rest.length > page.length && last !== undefined
          ? writeErrorsCursor({ range, after: { count: last.count, fingerprint: last.fingerprint } })
          : null,
    };
  },
});
