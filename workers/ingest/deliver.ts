/**
 * The last step of ingest: make every pack durable, then the request may say 202. EU tenants' packs go to their buffer
 * object, all others to a queue; whatever cannot be sent is spilled to R2 of the same region.
 * Called by the routes. Throws PublicError unavailable when nothing durable could be written.
 */
import { eventBuffer } from "../../durable-objects/tenant-namespace.ts";
import { PublicError } from "../../schema/errors.ts";
import { MINUTE_MS } from "../../schema/limits.ts";
import { RPC_VERSION } from "../../schema/rpc.ts";
import type { Env } from "../shared/env.ts";
import { QueueGauge, queueOf, sendPack } from "../shared/event-queues.ts";
import { errorText, log } from "../shared/log.ts";
import { bucketOf, spillKey } from "../shared/stored-packs.ts";
import type { TenantRecord } from "../shared/tenants.ts";
import { EventDeduplicator } from "./deduplicate.ts";
import type { EncodedPack } from "./pack-events.ts";

/** Sends under way for one request: a Worker has six connections, other requests of the isolate need some. */
const PARALLEL_SENDS = 4;

/** What one isolate remembers between requests. */
export interface DeliveryState {
  gauge: QueueGauge;
  /** Packs made durable lately: a byte-identical retry is answered without a second send. Identity alone is correctness. */
  recent: EventDeduplicator;
}

export function createDeliveryState(): DeliveryState {
  return { gauge: new QueueGauge(), recent: new EventDeduplicator({ windowSize: MINUTE_MS, maxIds: 20_000 }) };
}

/** Makes the packs durable, a few at a time. */
export async function deliver(
  env: Env,
  state: DeliveryState,
  tenant: TenantRecord,
  packs: readonly EncodedPack[],
): Promise<void> {
  for (let at = 0; at < packs.length; at += PARALLEL_SENDS) {
    await Promise.all(packs.slice(at, at + PARALLEL_SENDS).map((pack) => deliverOne(env, state, tenant, pack)));
  }
}

async function deliverOne(env: Env, state: DeliveryState, tenant: TenantRecord, pack: EncodedPack): Promise<void> {
  const { header } = pack;
  const key = `${header.org_id}/${header.region}/${header.pack_id}`;
  if (state.recent.has(key, header.received_at)) return;
  const sent = tenant.residency === "eu" ? await toBuffer(env, tenant, pack) : await toQueue(env, state, tenant, pack);
  if (!sent) await spill(env, pack);
  state.recent.add(key, header.received_at);
}

async function toBuffer(env: Env, tenant: TenantRecord, pack: EncodedPack): Promise<boolean> {
  const shard = Number.parseInt(pack.header.pack_id.slice(0, 8), 16) % Math.max(1, tenant.bufferShards);
  try {
    const buffer = eventBuffer(env, { orgId: tenant.orgId, jurisdiction: "eu" }, shard);
    await buffer.append({ v: RPC_VERSION, org_id: tenant.orgId, packs: [pack.bytes] });
    return true;
  } catch (error) {
    log.warn("buffer_append_failed", { org_id: tenant.orgId, pack_id: pack.header.pack_id, cause: errorText(error) });
    return false;
  }
}

async function toQueue(env: Env, state: DeliveryState, tenant: TenantRecord, pack: EncodedPack): Promise<boolean> {
  const queue = queueOf(pack.header, tenant.queueShards, pack.backfill);
  if (!state.gauge.hasRoom(queue, pack.header.received_at)) return false;
  try {
    const { backlogBytes } = await sendPack(env, queue, pack.bytes);
    if (backlogBytes !== undefined) state.gauge.note(queue, backlogBytes, pack.header.received_at);
    return true;
  } catch (error) {
    log.warn("queue_send_failed", {
      queue,
      org_id: tenant.orgId,
      pack_id: pack.header.pack_id,
      cause: errorText(error),
    });
    return false;
  }
}

async function spill(env: Env, pack: EncodedPack): Promise<void> {
  try {
    await bucketOf(env, pack.header).put(spillKey(pack.header), pack.bytes);
  } catch (cause) {
    throw new PublicError("unavailable", "the events could not be stored, please retry", { retryAfter: 2, cause });
  }
}
