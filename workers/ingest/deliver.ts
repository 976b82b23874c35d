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
import { Coalescer } from "./coalesce.ts";
import { EventDeduplicator } from "./deduplicate.ts";
import type { EncodedPack } from "./pack-events.ts";

/** Sends under way for one request: a Worker has six connections, other requests of the isolate need some. */
const PARALLEL_SENDS = 4;

/** What one isolate remembers between requests. */
export interface DeliveryState {
  gauge: QueueGauge;
  /** Packs made durable lately: a byte-identical retry is answered without a second send. Identity alone is correctness. */
  recent: EventDeduplicator;
  /** Small requests that wait for company. */
  coalescer: Coalescer;
}

export function createDeliveryState(): DeliveryState {
  const recent = new EventDeduplicator({ windowSize: MINUTE_MS, maxIds: 20_000 });
  return { gauge: new QueueGauge(), recent, coalescer: new Coalescer() };
}

/** Makes the packs durable: one append per buffer shard, or a few queue sends at a time. */
export async function deliver(
  env: Env,
  state: DeliveryState,
  tenant: TenantRecord,
  packs: readonly EncodedPack[],
): Promise<void> {
  const fresh = packs.filter((pack) => !state.recent.has(recentKey(pack), pack.header.received_at));
  const send = tenant.residency === "eu" ? byShard(env, tenant, fresh) : byQueue(env, state, tenant, fresh);
  for (let at = 0; at < send.length; at += PARALLEL_SENDS) {
    await Promise.all(
      send.slice(at, at + PARALLEL_SENDS).map(async ({ packs: some, toSink }) => {
        if (!(await toSink())) for (const pack of some) await spill(env, pack);
        for (const pack of some) state.recent.add(recentKey(pack), pack.header.received_at);
      }),
    );
  }
}

/** Packs that share one durable write; `toSink` is false when they have to be spilled. Never rejects. */
interface Sending {
  packs: readonly EncodedPack[];
  toSink: () => Promise<boolean>;
}

const recentKey = ({ header }: EncodedPack): string => `${header.org_id}/${header.region}/${header.pack_id}`;

function byShard(env: Env, tenant: TenantRecord, packs: readonly EncodedPack[]): Sending[] {
  const shards = Map.groupBy(
    packs,
    ({ header }) => Number.parseInt(header.pack_id.slice(0, 8), 16) % Math.max(1, tenant.bufferShards),
  );
  return [...shards].map(([shard, some]) => ({ packs: some, toSink: () => toBuffer(env, tenant, shard, some) }));
}

async function toBuffer(
  env: Env,
  tenant: TenantRecord,
  shard: number,
  packs: readonly EncodedPack[],
): Promise<boolean> {
  try {
    const buffer = eventBuffer(env, { orgId: tenant.orgId, jurisdiction: "eu" }, shard);
    await buffer.append({ v: RPC_VERSION, org_id: tenant.orgId, packs: packs.map(({ bytes }) => bytes) });
    return true;
  } catch (error) {
    log.warn("buffer_append_failed", { org_id: tenant.orgId, shard, packs: packs.length, cause: errorText(error) });
    return false;
  }
}

function byQueue(env: Env, state: DeliveryState, tenant: TenantRecord, packs: readonly EncodedPack[]): Sending[] {
  return packs.map((pack) => ({ packs: [pack], toSink: () => toQueue(env, state, tenant, pack) }));
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
