/**
 * Cuts a list of events into bodies that POST /v1/events takes: at most so many events, so many bytes, none too large.
 * Used by ingest-client.ts. Pure.
 */
import { MAX_BODY_BYTES, MAX_EVENT_BYTES, MAX_EVENTS_PER_REQUEST } from "../../schema/limits.ts";

/** One request: events already as JSON, and where each stands in the caller's list. */
export interface Batch {
  /** A JSON array. */
  body: string;
  indexes: number[];
}

export interface Batches {
  batches: Batch[];
  /** Indexes of events the server would refuse for their size: not sent, so that they cannot sink their neighbours. */
  tooLarge: number[];
}

/** Events in order; `maxEvents` may be lower than the contract's limit, not higher. */
export function cutBatches(events: readonly object[], maxEvents: number = MAX_EVENTS_PER_REQUEST): Batches {
  const most = Math.min(maxEvents, MAX_EVENTS_PER_REQUEST);
  const batches: Batch[] = [];
  const tooLarge: number[] = [];
  let parts: string[] = [];
  let indexes: number[] = [];
  let bytes = 2;
  const close = (): void => {
    if (parts.length > 0) batches.push({ body: `[${parts.join(",")}]`, indexes });
    parts = [];
    indexes = [];
    bytes = 2;
  };
  events.forEach((event, index) => {
    const json = JSON.stringify(event);
    const size = Buffer.byteLength(json);
    if (size > MAX_EVENT_BYTES) {
      tooLarge.push(index);
      return;
    }
    if (parts.length >= most || bytes + size + 1 > MAX_BODY_BYTES) close();
    parts.push(json);
    indexes.push(index);
    bytes += size + 1;
  });
  close();
  return { batches, tooLarge };
}
