/**
 * The part of the URL that every view over time shares: organisation, range, comparison and the filters of /api/v1/metrics. Parsed by
 * the routes, written by the filter bar, turned into API parameters. Pure: the present and the zone are parameters.
 */
import { z } from "zod";
import { MAX_ID_LENGTH } from "../../../schema/limits.ts";
import type { Params } from "../api/query.ts";
import type { Zone } from "../format/time.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Ranges that end now. */
export const PRESETS = {
  "1h": { label: "Last hour", ms: HOUR },
  "24h": { label: "Last 24 hours", ms: DAY },
  "7d": { label: "Last 7 days", ms: 7 * DAY },
  "30d": { label: "Last 30 days", ms: 30 * DAY },
  "90d": { label: "Last 90 days", ms: 90 * DAY },
  "12mo": { label: "Last 12 months", ms: 365 * DAY },
} as const;
export type Preset = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as Preset[];
export const DEFAULT_PRESET: Preset = "24h";

/** Filters in the order of the bar. */
export const FILTER_FIELDS = ["team", "agent", "model", "repo", "environment"] as const;
export type FilterField = (typeof FILTER_FIELDS)[number];

const value = z.string().trim().min(1).max(MAX_ID_LENGTH).optional().catch(undefined);
const moment = z.iso.datetime({ offset: true }).optional().catch(undefined);

export const OrgSearchSchema = z.object({ org: value });

/** A value that is not usable is dropped, never an error: links get cut and edited. */
export const ViewSearchSchema = OrgSearchSchema.extend({
  range: z.enum(PRESET_NAMES).optional().catch(undefined),
  from: moment,
  to: moment,
  compare: z.enum(["off"]).optional().catch(undefined),
  team: value,
  agent: value,
  model: value,
  repo: value,
  environment: value,
});
export type ViewSearch = z.infer<typeof ViewSearchSchema>;

/** The range a view shows. */
export interface ViewRange {
  /** ms, half-open. */
  from: number;
  to: number;
  /** It ends now and moves on. */
  live: boolean;
  label: string;
}

/** A range that ends now ends with the minute, so that everyone who looks asks the same question for that long. */
export function rangeOf(search: Pick<ViewSearch, "range" | "from" | "to">, now: number): ViewRange {
  const from = search.from === undefined ? Number.NaN : Date.parse(search.from);
  const to = search.to === undefined ? Number.NaN : Date.parse(search.to);
  if (from < to) return { from, to, live: false, label: "Custom" };
  const { ms, label } = PRESETS[search.range ?? DEFAULT_PRESET];
  const end = Math.ceil(now / MINUTE) * MINUTE;
  return { from: end - ms, to: end, live: true, label };
}

/** How often a view of this range is asked again: a long range hardly changes in a minute. */
export function refreshMsOf(range: ViewRange): number | undefined {
  if (!range.live) return undefined;
  return range.to - range.from <= DAY ? 15_000 : MINUTE;
}

/** Parameters of every /api/v1/metrics route. */
export function apiParams(search: ViewSearch, range: ViewRange, org: string): Params {
  return {
    org,
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
    ...Object.fromEntries(FILTER_FIELDS.map((field) => [field, search[field]])),
  };
}

/** The IANA zone that days are cut in. */
export function timezoneOf(zone: Zone): string {
  return zone === "utc" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** How many filters are set. */
export function countFilters(search: ViewSearch): number {
  return FILTER_FIELDS.filter((field) => search[field] !== undefined).length;
}

/** The change that clears every filter. */
export const NO_FILTERS = {
  team: undefined,
  agent: undefined,
  model: undefined,
  repo: undefined,
  environment: undefined,
} satisfies Record<FilterField, undefined>;
