/**
 * Which queue a pack goes to, and whether that queue is fit to take it. Called by ingest and by the spill replay.
 * A queue holds 25 GB; above a threshold of backlog packs are spilled to R2 instead, long before `send` would fail.
 */
import { hashString } from "../../schema/identity.ts";
import { SECOND_MS, SPILL_BACKLOG_BYTES } from "../../schema/limits.ts";
import type { PackHeader } from "../../schema/pack.ts";
import { type Env, EVENT_QUEUES } from "./env.ts";

export type QueueName = `EVENTS_${0 | 1 | 2 | 3}` | "BACKFILL";

/** Queue of a pack: an org has `shards` consecutive queues, beginning at one chosen by its id; packs spread over them by id. */
export function queueOf(header: Pick<PackHeader, "org_id" | "pack_id">, shards: number, backfill: boolean): QueueName {
  if (backfill) return "BACKFILL";
  const first = hashString(header.org_id).lo;
  const shard = Number.parseInt(header.pack_id.slice(0, 8), 16) % Math.max(1, Math.min(shards, EVENT_QUEUES));
  return `EVENTS_${((first + shard) % EVENT_QUEUES) as 0 | 1 | 2 | 3}`;
}

/** How long a backlog above the threshold is believed before it is asked for again. */
const RECHECK_MS = 5 * SECOND_MS;

/** Remembers each queue's backlog as `send` reported it; per isolate, so approximate. */
export class QueueGauge {
  readonly #backlog = new Map<string, { bytes: number; at: number }>();
  readonly #threshold: number;

  constructor(threshold: number = SPILL_BACKLOG_BYTES) {
    this.#threshold = threshold;
  }

  note(queue: string, bytes: number, now: number): void {
    this.#backlog.set(queue, { bytes, at: now });
  }

  /** False while the queue is known to be too full; asks again after 5 s by letting one send through. */
  hasRoom(queue: string, now: number): boolean {
    const known = this.#backlog.get(queue);
    return known === undefined || known.bytes < this.#threshold || now - known.at > RECHECK_MS;
  }
}

/**
 * Sends a pack. Rejects when the queue does; `backlogBytes` is undefined where the runtime does not report it.
 * Sends a copy: `send` detaches the buffer it is given, also when it then fails, and the caller may have to spill these bytes.
 */
export async function sendPack(
  env: Env,
  queue: QueueName,
  bytes: Uint8Array,
): Promise<{ backlogBytes: number | undefined }> {
  const result = await env[queue].send(bytes.slice(), { contentType: "bytes" });
  return { backlogBytes: result?.metadata?.metrics?.backlogBytes };
}
