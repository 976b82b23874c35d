/** Pages of lists that are ordered by one text id: cursors and the cut. Pure; a cursor carries no right to anything. */
import { z } from "zod";
import { MAX_ID_LENGTH } from "../../schema/limits.ts";
import { invalid } from "./range.ts";

const PlaceSchema = z
  .string()
  .min(1)
  .max(2 * MAX_ID_LENGTH + 1);

/** The id after which the page starts; the empty text for the first. Throws PublicError `invalid_request`. */
export function startOf(cursor: string | undefined): string {
  if (cursor === undefined) return "";
  const place = PlaceSchema.safeParse(Buffer.from(cursor, "base64url").toString());
  if (!place.success) throw invalid("cursor", "is not a cursor of this list");
  return place.data;
}

/** The page out of one row more than it holds, and the cursor of the next one. */
export function pageOf<T>(
  rows: readonly T[],
  limit: number,
  idOf: (row: T) => string,
): { page: T[]; next_cursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { page, next_cursor: more ? Buffer.from(idOf(last)).toString("base64url") : null };
}
