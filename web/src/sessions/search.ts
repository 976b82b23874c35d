/**
 * What the sessions views add to the shared part of the URL: words to search by; on a session's page the chosen event, the type that
 * is listed and the zoom. Parsed by the routes. Pure.
 */
import { z } from "zod";
import { MAX_ID_LENGTH } from "../../../schema/limits.ts";
import { OrgSearchSchema, type ViewSearch } from "../app/filters.ts";

const value = z.string().trim().min(1).max(MAX_ID_LENGTH).optional().catch(undefined);

/** A value that is not usable is dropped, never an error: links get cut and edited. */
export const SessionsSearchSchema = z.object({ q: value });
export type SessionsSearch = ViewSearch & z.infer<typeof SessionsSearchSchema>;

export const SessionSearchSchema = SessionsSearchSchema.extend({
  event: value,
  type: value,
  /** ms after the session's start: "1200-60000". */
  zoom: z
    .string()
    .regex(/^\d{1,13}-\d{1,13}$/)
    .optional()
    .catch(undefined),
});
export type SessionSearch = z.infer<typeof SessionSearchSchema>;

/** A stretch of time in ms, half-open. */
export interface Span {
  from: number;
  to: number;
}

/** The zoom of the URL as moments; null: the whole session. */
export function readZoom(zoom: string | undefined, start: number): Span | null {
  if (zoom === undefined) return null;
  const [from = 0, to = 0] = zoom.split("-").map(Number);
  return from < to ? { from: start + from, to: start + to } : null;
}

export function writeZoom(zoom: Span | null, start: number): string | undefined {
  if (zoom === null) return undefined;
  const from = Math.max(0, Math.floor(zoom.from - start));
  return `${from}-${Math.max(from + 1, Math.ceil(zoom.to - start))}`;
}

/** The address of a session for others: nothing of how it was found, only whose it is. */
export function sessionLink(origin: string, id: string, org: string, event?: string): string {
  const search = OrgSearchSchema.parse({ org });
  const query = new URLSearchParams({ ...(search.org === undefined ? {} : { org }), ...(event ? { event } : {}) });
  return `${origin}/sessions/${encodeURIComponent(id)}?${query}`;
}
