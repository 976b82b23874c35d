/**
 * Accepted events to packs to a durable place: what every route of ingest does last. Called by accept-events and the OTLP path.
 */
import { hashString } from "../../schema/identity.ts";
import { MAX_EVENTS_PER_PACK } from "../../schema/limits.ts";
import type { Env } from "../shared/env.ts";
import type { Waiter } from "../shared/single-flight.ts";
import type { TenantRecord } from "../shared/tenants.ts";
import { type DeliveryState, deliver } from "./deliver.ts";
import type { EnrichedEvent } from "./enrich.ts";
import { packEvents } from "./pack-events.ts";

/** Resolves when all events are durable. Throws PublicError `unavailable` when they could not be stored. */
export async function storeEvents(
  env: Env,
  waiter: Waiter,
  state: DeliveryState,
  tenant: TenantRecord,
  events: readonly EnrichedEvent[],
  receivedAt: number,
): Promise<void> {
  const { orgId, region, residency } = tenant;
  const context = { orgId, org: hashString(orgId), region, residency, receivedAt };
  await state.coalescer.add(`${orgId}/${region}`, waiter, events, receivedAt, async (all) => {
    for (let at = 0; at < all.length; at += MAX_CHUNK_EVENTS) {
      const packs = [];
      const end = Math.min(all.length, at + MAX_CHUNK_EVENTS);
      for (let from = at; from < end; from += MAX_EVENTS_PER_PACK) {
        packs.push(...packEvents(all.slice(from, Math.min(end, from + MAX_EVENTS_PER_PACK)), context));
      }
      await deliver(env, state, tenant, packs);
    }
  });
}

/** Events whose packs are held in memory at a time: about 1 MB of packs, and enough for parallel sends. */
const MAX_CHUNK_EVENTS = 10 * MAX_EVENTS_PER_PACK;
