/**
 * Brings the registry of version 1, a record per session entry, to a record per session. Called by migrations only.
 */
import { z } from "zod";
import { joinSessions, labelsOf, newSession, type SessionRecord } from "./session-record.ts";

const EntrySchema = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string(), z.string(), z.string()]);

const RecordV1Schema = z.object({
  slot: z.number().int(),
  entry: EntrySchema,
  started_at: z.number(),
  last_at: z.number(),
  ended_at: z.number(),
  events: z.number(),
  cost_nano_usd: z.number(),
  seq: z.number(),
  last_window: z.number(),
});

/** The sessions of what version 1 stored: the texts of its rows. Slots keep their numbers, windows point to them. */
export function sessionsOfV1(rows: readonly string[]): SessionRecord[] {
  const sessions = new Map<string, SessionRecord>();
  for (const row of rows) {
    for (const old of z.array(RecordV1Schema).parse(JSON.parse(row))) {
      const { slot, entry, last_window, ...numbers } = old;
      const labels = labelsOf(entry);
      const slots = [{ slot, labels: labelsOf(entry), last_window }];
      const record: SessionRecord = { ...newSession(entry[0], entry[1]), ...numbers, labels, slots };
      const key = `${entry[0]}\u0000${entry[1]}`;
      const known = sessions.get(key);
      if (known === undefined) sessions.set(key, record);
      else joinSessions(known, record);
    }
  }
  return [...sessions.values()];
}
