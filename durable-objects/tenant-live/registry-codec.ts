/**
 * Sessions as texts of rows and back. Used by store.ts and by the migration of version 1.
 * A row holds whole JSON arrays well below the 2 MB of a row; a session with very many slots is written in several pieces.
 */
import { z } from "zod";
import { type SessionRecord, SessionRecordSchema } from "./session-record.ts";

const MAX_ROW_CHARS = 500_000;
/** Slots of one piece: 80,000 characters with the longest names. */
const MAX_PIECE_SLOTS = 64;

const RecordsSchema = z.array(SessionRecordSchema);

/** The texts of the rows; at least one. */
export function* registryRows(records: Iterable<SessionRecord>): Generator<string> {
  let row: string[] = [];
  let chars = 0;
  for (const record of records) {
    for (const piece of pieces(record)) {
      const json = JSON.stringify(piece);
      row.push(json);
      chars += json.length;
      if (chars <= MAX_ROW_CHARS) continue;
      yield `[${row.join(",")}]`;
      row = [];
      chars = 0;
    }
  }
  yield `[${row.join(",")}]`;
}

/** The pieces as they were written; the registry joins those of one session. Throws when the text is something else. */
export function readRegistryRow(text: string): SessionRecord[] {
  return RecordsSchema.parse(JSON.parse(text));
}

function* pieces(record: SessionRecord): Generator<SessionRecord> {
  for (let at = 0; at < record.slots.length; at += MAX_PIECE_SLOTS) {
    yield { ...record, slots: record.slots.slice(at, at + MAX_PIECE_SLOTS) };
  }
}
