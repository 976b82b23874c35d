/**
 * GET /api/v1/sessions and /sessions/:id: the list with filters and cursor, one session's figures and timeline.
 * A session that is not among the principal's rows does not exist: 404, whoever owns it.
 */
import type { Filters } from "../../../schema/api/filters.ts";
import {
  SessionAnswerSchema,
  SessionParamsSchema,
  SessionQuerySchema,
  SessionsAnswerSchema,
  SessionsQuerySchema,
} from "../../../schema/api/sessions.ts";
import { PublicError } from "../../../schema/errors.ts";
import { readSessionsCursor, readTimelineCursor, writeSessionsCursor, writeTimelineCursor } from "../cursor.ts";
import { readRegions } from "../merge.ts";
import { type SessionRow, sessionsByIdQuery, sessionsQuery, timelineQuery } from "../queries/sessions.ts";
import { invalid, iso, type Range, resolveRange } from "../range.ts";
import { defineRoute, type Permitted } from "../route.ts";
import { atTrueStart, byEventOrder, bySessionOrder, mergeSession, toTimelineEvent } from "../session-pages.ts";
import { filtersOf, scopeName } from "./metrics.ts";

export const sessionsRoute = defineRoute({
  method: "get",
  path: "/api/v1/sessions",
  permission: "sessions:read",
  summary: "Sessions with events in a range, last started first",
  tags: ["sessions"],
  query: SessionsQuerySchema,
  answer: SessionsAnswerSchema,
  handler: async ({ query, now, ...permitted }) => {
    const { read, regions, access } = permitted;
    const place = query.cursor === undefined ? undefined : readSessionsCursor(query.cursor);
    if (place !== undefined) sameRange(query, place.range);
    const range = place?.range ?? resolveRange(query, now);
    const input = { range, filters: filtersOf(query), after: place?.after, limit: query.limit + 1 };
    const lists = await readRegions(read, regions, sessionsQuery, access, input);
    const candidates = lists.flat().sort(bySessionOrder);
    const page = candidates.slice(0, query.limit);
    const last = page.at(-1);
    const parts = await partsOf(permitted, page, { range, filters: input.filters });
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      from: iso(range.from),
      to: iso(range.to),
      sessions: atTrueStart(page, parts).map((row) => mergeSession(nonEmpty(parts.get(row.session_id) ?? [], row))),
      next_cursor:
        candidates.length > query.limit && last !== undefined
          ? writeSessionsCursor({ range, after: { started: Number(last.started), sessionId: last.session_id } })
          : null,
    };
  },
});

export const sessionRoute = defineRoute({
  method: "get",
  path: "/api/v1/sessions/:id",
  permission: "sessions:read",
  summary: "One session: its figures and its events, oldest first",
  tags: ["sessions"],
  params: SessionParamsSchema,
  query: SessionQuerySchema,
  answer: SessionAnswerSchema,
  handler: async ({ params, query, read, regions, access }) => {
    const after = query.cursor === undefined ? undefined : readTimelineCursor(query.cursor);
    const [figures, events] = await Promise.all([
      readRegions(read, regions, sessionsByIdQuery, access, { ids: [params.id], filters: {} }),
      readRegions(read, regions, timelineQuery, access, { sessionId: params.id, after, limit: query.limit + 1 }),
    ]);
    const [first, ...rest] = figures.flat();
    if (first === undefined) throw new PublicError("not_found", "there is no such session");
    const ordered = events.flat().sort(byEventOrder);
    const page = ordered.slice(0, query.limit);
    const last = page.at(-1);
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      session: mergeSession([first, ...rest]),
      events: page.map(toTimelineEvent),
      next_cursor:
        ordered.length > query.limit && last !== undefined
          ? writeTimelineCursor({ at: Number(last.at), seq: Number(last.order_seq), eventId: last.event_id })
          : null,
    };
  },
});

/** What every region knows of the page's sessions; with one region that is the page itself. */
async function partsOf(
  { read, regions, access }: Pick<Permitted, "read" | "regions" | "access">,
  page: readonly SessionRow[],
  input: { range: Range; filters: Filters },
): Promise<Map<string, SessionRow[]>> {
  const ids = [...new Set(page.map((row) => row.session_id))];
  const known =
    regions.length === 1 || ids.length === 0
      ? page
      : (await readRegions(read, regions, sessionsByIdQuery, access, { ids, ...input })).flat();
  const parts = new Map<string, SessionRow[]>();
  for (const row of known) parts.set(row.session_id, [...(parts.get(row.session_id) ?? []), row]);
  return parts;
}

/** A session that vanished between the two reads is shown as the first one saw it. */
function nonEmpty(parts: readonly SessionRow[], seen: SessionRow): [SessionRow, ...SessionRow[]] {
  const [first, ...rest] = parts;
  return first === undefined ? [seen] : [first, ...rest];
}

function sameRange(query: { from?: string | undefined; to?: string | undefined }, range: Range): void {
  const differs =
    (query.from !== undefined && Date.parse(query.from) !== range.from) ||
    (query.to !== undefined && Date.parse(query.to) !== range.to);
  if (differs) throw invalid("cursor", "belongs to another range");
}
