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
import { METRICS_CACHE } from "../cache/answers.ts";
import { completenessOf } from "../completeness.ts";
import { readSessionsCursor, readTimelineCursor, writeSessionsCursor, writeTimelineCursor } from "../cursor.ts";
import { readRegions } from "../merge.ts";
import { openHours } from "../open-hours.ts";
import { sessionCompletenessQuery } from "../queries/completeness.ts";
import {
  type SessionPlace,
  type SessionRow,
  sessionPlacesQuery,
  sessionsByIdQuery,
  timelineQuery,
} from "../queries/sessions.ts";
import type { Asking } from "../queries/status.ts";
import { iso, type Range, resolveRange } from "../range.ts";
import { defineRoute, type Permitted } from "../route.ts";
import { atTrueStart, byEventOrder, bySessionOrder, mergeSession, toTimelineEvent } from "../session-pages.ts";
import { filtersOf, sameRange, scopeName } from "./metrics.ts";

export const sessionsRoute = defineRoute({
  method: "get",
  path: "/api/v1/sessions",
  permission: "sessions:read",
  cache: METRICS_CACHE,
  summary: "Sessions that were under way in a range, last started first",
  tags: ["sessions"],
  query: SessionsQuerySchema,
  answer: SessionsAnswerSchema,
  handler: async ({ query, now, ...permitted }) => {
    const { read, regions, access } = permitted;
    const place = query.cursor === undefined ? undefined : readSessionsCursor(query.cursor);
    if (place !== undefined) sameRange(query, place.range);
    const range = place?.range ?? resolveRange(query, now);
    const sought = { range, filters: filtersOf(query), words: query.q };
    const input = { ...sought, after: place?.after, limit: query.limit + 1 };
    const open = await openEverywhere(permitted, range, now);
    const lists = await Promise.all(
      regions.map((region, i) => read(region, sessionPlacesQuery, access, { ...input, open: open[i] ?? [] })),
    );
    const candidates = lists.flat().sort(bySessionOrder);
    const page = candidates.slice(0, query.limit);
    const last = page.at(-1);
    const parts = await partsOf(permitted, page, { ...sought, open });
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      from: iso(range.from),
      to: iso(range.to),
      // One that vanished between the two reads is not there any more.
      sessions: atTrueStart(page, parts).flatMap(({ session_id }) => {
        const [first, ...rest] = parts.get(session_id) ?? [];
        return first === undefined ? [] : [mergeSession([first, ...rest])];
      }),
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
  handler: async ({ params, query, now, ...permitted }) => {
    const { read, regions, access } = permitted;
    const after = query.cursor === undefined ? undefined : readTimelineCursor(query.cursor);
    const open = await openEverywhere(permitted, undefined, now);
    const figures = await readById(permitted, { ids: [params.id], filters: {}, open });
    const [first, ...rest] = figures;
    if (first === undefined) throw new PublicError("not_found", "there is no such session");
    const range = {
      from: Math.min(...figures.map(({ started }) => Number(started))),
      to: Math.max(...figures.map(({ last }) => Number(last))) + 1,
    };
    const input = { sessionId: params.id, range, after, limit: query.limit + 1 };
    const [events, measured] = await Promise.all([
      readRegions(read, regions, timelineQuery, access, input),
      readRegions(read, regions, sessionCompletenessQuery, access, { sessionId: params.id, range }),
    ]);
    const ordered = events.flat().sort(byEventOrder);
    const page = ordered.slice(0, query.limit);
    const last = page.at(-1);
    return {
      org_id: access.orgId,
      scope: scopeName(access.rows),
      session: mergeSession([first, ...rest]),
      completeness: completenessOf(measured.flat(), 1) ?? null,
      events: page.map(toTimelineEvent),
      next_cursor:
        ordered.length > query.limit && last !== undefined
          ? writeTimelineCursor({ at: Number(last.at), seq: Number(last.order_seq), eventId: last.event_id })
          : null,
    };
  },
});

/** Open hours of each region. */
async function openEverywhere(
  { read, regions, access }: Asking,
  range: Range | undefined,
  now: number,
): Promise<Range[][]> {
  return await Promise.all(regions.map((region) => openHours({ read, regions, access }, region, range, now)));
}

/** What every region knows of these sessions. */
async function readById(
  { read, regions, access }: Asking,
  {
    open,
    ...input
  }: {
    ids: string[];
    range?: Range;
    filters: Filters;
    words?: string | undefined;
    span?: Range | undefined;
    open: Range[][];
  },
): Promise<SessionRow[]> {
  const answers = await Promise.all(
    regions.map((region, i) => read(region, sessionsByIdQuery, access, { ...input, open: open[i] ?? [] })),
  );
  return answers.flat();
}

/** What every region knows of the page's sessions. */
async function partsOf(
  asking: Pick<Permitted, "read" | "regions" | "access">,
  page: readonly SessionPlace[],
  input: { range: Range; filters: Filters; words: string | undefined; open: Range[][] },
): Promise<Map<string, SessionRow[]>> {
  const ids = [...new Set(page.map(({ session_id }) => session_id))];
  const parts = new Map<string, SessionRow[]>();
  if (ids.length === 0) return parts;
  // A session's part in another region may be outside what this one knows of it.
  const span = asking.regions.length === 1 ? spanOf(page) : undefined;
  for (const row of await readById(asking, { ids, span, ...input })) {
    parts.set(row.session_id, [...(parts.get(row.session_id) ?? []), row]);
  }
  return parts;
}

/** From the first event of these sessions to their last. */
function spanOf(page: readonly SessionPlace[]): Range {
  return {
    from: Math.min(...page.map(({ started }) => Number(started))),
    to: Math.max(...page.map(({ last }) => Number(last))) + 1,
  };
}
