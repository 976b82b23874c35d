/**
 * Range and filters that every read route shares. Used by workers/api (queries), the OpenAPI document and the page.
 * Defaults that need a clock are set by the API.
 */
import { z } from "zod";
import { CUSTOM_EVENT_TYPE, EVENT_TYPES } from "../event.ts";
import { MAX_ID_LENGTH } from "../limits.ts";

/** Values of one filter in one request. */
export const MAX_FILTER_VALUES = 50;

/** An empty value is as good as none: forms send those. */
const manyOf = <T extends z.ZodType<string>>(value: T, what: string) => {
  const given = z.union([value, z.literal("")]);
  return z
    .union([given, z.array(given).min(1).max(MAX_FILTER_VALUES)])
    .optional()
    .transform((values): string[] | undefined => {
      const list = [values].flat().flatMap((one): string[] => (typeof one === "string" && one !== "" ? [one] : []));
      return list.length === 0 ? undefined : list;
    })
    .describe(`${what}; repeat it for "any of"`);
};

const label = z.string().max(MAX_ID_LENGTH);
const labelOf = (name: string, note = "") => manyOf(label, `events with this ${name}${note}`);

/** `[from, to)`, half-open, ISO 8601. */
export const RANGE_QUERY = {
  from: z.iso.datetime({ offset: true }).optional().describe("start, inclusive; default: 24 hours before `to`"),
  to: z.iso.datetime({ offset: true }).optional().describe("end, exclusive; default: now"),
};

export const FILTER_QUERY = {
  type: manyOf(z.union([z.enum(EVENT_TYPES), z.string().regex(CUSTOM_EVENT_TYPE)]), "events of this type"),
  team: labelOf(
    "team",
    " label, as the sender wrote it (access to a team's events rests on the directory, never on it)",
  ),
  agent: labelOf("agent"),
  model: labelOf("model"),
  repo: labelOf("repo"),
  environment: labelOf("environment"),
};

export const ORG_QUERY = {
  org: z
    .string()
    .max(MAX_ID_LENGTH)
    .optional()
    .describe("one of your organisations (cookie sessions); a token is for one organisation and refuses another: 403"),
};

export const FILTER_NAMES = [
  "type",
  "team",
  "agent",
  "model",
  "repo",
  "environment",
] as const satisfies (keyof typeof FILTER_QUERY)[];
/** Filters after parsing: each one "any of". */
export type Filters = { [Name in (typeof FILTER_NAMES)[number]]?: string[] | undefined };

/** A moment as answers carry it. */
export const MomentSchema = z.iso.datetime();

/** Money: integer nano-USD as a decimal string, never a float. */
export const NanoUsdSchema = z.string().regex(/^-?\d+$/);
