/**
 * Pages of an explored answer: the range and the number of rows before, for one question only. Pure; called by run.ts. A cursor carries no
 * right to anything: org and scope come from the principal on every page.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { MAX_REACHED_ROWS } from "../../../schema/api/query-parts.ts";
import { invalid, type Range } from "../range.ts";

const PlaceSchema = z.tuple([z.int(), z.int(), z.int().min(1).max(MAX_REACHED_ROWS), z.string()]);

/** Where a page begins, and the range its first page had. */
export interface Place {
  range: Range;
  offset: number;
}

/** The cursor of the page after `offset` rows; null when there is no more, or no page reaches further. */
export function writePlace({ range, offset }: Place, question: unknown): string | null {
  if (offset >= MAX_REACHED_ROWS) return null;
  const place = [range.from, range.to, offset, digestOf(question)];
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

/** Throws PublicError `invalid_request`, also for a cursor of another question. */
export function readPlace(cursor: string, question: unknown): Place {
  let given: unknown;
  try {
    given = JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    throw invalid("cursor", "is not a cursor of this query");
  }
  const place = PlaceSchema.safeParse(given);
  if (!place.success || place.data[3] !== digestOf(question)) throw invalid("cursor", "is not a cursor of this query");
  const [from, to, offset] = place.data;
  return { range: { from, to }, offset };
}

/** What a question is known by: the same parsed question has the same text. */
function digestOf(question: unknown): string {
  return createHash("sha256").update(JSON.stringify(question)).digest("base64url").slice(0, 16);
}
