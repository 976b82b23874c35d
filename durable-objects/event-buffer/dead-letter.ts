/**
 * A pack that can never be stored, as an object of the EU bucket: its bytes under its day, org and id, and why.
 * Used by the ClickHouse sink and by spill replay; the reason may quote a row, so it stays in the EU with it.
 */
const MAX_REASON = 500;
/** Part of the metadata, so that operators see which path put it aside. */
const SOURCE = "event-buffer";

export interface DeadLetter {
  key: string;
  body: Uint8Array;
  customMetadata: { reason: string; code: string; source: string };
}

/** Writes a dead letter; rejects when it is not stored. */
export type PutDeadLetter = (letter: DeadLetter) => Promise<void>;

/** Where bytes go that hold no readable header; packs have `deadLetterKey`. `now` in ms. */
export function unreadableKey(orgId: string, name: string, now: number): string {
  return `dead-letters/${new Date(now).toISOString().slice(0, 10)}/${orgId}/${name}`;
}

/** `code`: ClickHouse's exception code, 0 when it was not ClickHouse that refused. */
export function deadLetter(key: string, body: Uint8Array, why: { code: number; reason: string }): DeadLetter {
  return {
    key,
    body,
    customMetadata: { reason: why.reason.slice(0, MAX_REASON), code: String(why.code), source: SOURCE },
  };
}
