/**
 * Rows of ClickHouse to a live frame: the same identities and measures that ingest's frames carry. Used by live-rebuild.ts.
 * Pure; a test holds it against ingest's own frame.
 */
import { z } from "zod";
import { encodeFrame, MEASURES, type MeasureColumn, type SessionEntry } from "../schema/frame.ts";
import { hashString, identityHash } from "../schema/identity.ts";

/** One event as far as live windows care. `time` in ms. */
export const EventSumsSchema = z.object({
  event_type: z.string(),
  id: z.string(),
  time: z.number(),
  session_id: z.string(),
  user_id: z.string(),
  team_id: z.string(),
  agent: z.string(),
  repo: z.string(),
  branch: z.string(),
  environment: z.string(),
  model: z.string(),
  cost_nano_usd: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cache_read_tokens: z.number(),
  cache_write_tokens: z.number(),
  lines_added: z.number(),
  lines_removed: z.number(),
  accepted: z.number(),
  unpriced_tokens: z.number(),
});
export type EventSums = z.infer<typeof EventSumsSchema>;

/** Types whose numbers are measures; an error's tokens, if it has any, are not (workers/ingest/live-frame.ts). */
const MEASURED: ReadonlySet<string> = new Set(["cost_incurred", "code_generated"]);

class Dictionary<T> {
  readonly entries: T[] = [];
  readonly #index = new Map<string, number>();

  indexOf(key: string, entry: T): number {
    const known = this.#index.get(key);
    if (known !== undefined) return known;
    this.#index.set(key, this.entries.length);
    return this.entries.push(entry) - 1;
  }
}

/** The frame of these rows (at most 1,000, within 24 days of each other). */
export function frameOfRows(orgId: string, rows: readonly EventSums[]): Uint8Array {
  const org = hashString(orgId);
  const base = rows[0]?.time ?? 0;
  const types = new Dictionary<string>();
  const models = new Dictionary<string>();
  const sessions = new Dictionary<SessionEntry>();
  const count = rows.length;
  const columns = {
    hashHi: new Uint32Array(count),
    hashLo: new Uint32Array(count),
    offset: new Int32Array(count),
    type: new Uint16Array(count),
    session: new Uint16Array(count),
    model: new Uint16Array(count),
  };
  for (const [i, row] of rows.entries()) {
    const hash = identityHash(org, row.event_type, row.time, row.id);
    const session: SessionEntry = [
      row.session_id,
      row.user_id,
      row.team_id,
      row.agent,
      row.repo,
      row.branch,
      row.environment,
    ];
    columns.hashHi[i] = hash.hi;
    columns.hashLo[i] = hash.lo;
    columns.offset[i] = row.time - base;
    columns.type[i] = types.indexOf(row.event_type, row.event_type);
    columns.model[i] = models.indexOf(row.model, row.model);
    columns.session[i] = sessions.indexOf(session.join("\u0000"), session);
  }
  const measures = MEASURES.map((measure): MeasureColumn => {
    const index: number[] = [];
    for (const [i, row] of rows.entries()) if (MEASURED.has(row.event_type) && row[measure] !== 0) index.push(i);
    return {
      measure,
      index: Uint16Array.from(index),
      values: Float64Array.from(index, (i) => rows[i]?.[measure] ?? 0),
    };
  }).filter(({ index }) => index.length > 0);
  const dictionaries = { types: types.entries, models: models.entries, sessions: sessions.entries };
  return encodeFrame({ count, base, ...columns, ...dictionaries, measures });
}
