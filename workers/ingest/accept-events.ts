/**
 * POST /v1/events behind authentication: candidates -> verdicts -> dedup -> packs -> durable -> the honest answer.
 * Called by the app. A bad event never sinks its batch; the one exception is an event that names another org.
 */
import { PublicError } from "../../schema/errors.ts";
import type { IngestAnswer } from "../../schema/event.ts";
import { hashString } from "../../schema/identity.ts";
import type { Env } from "../shared/env.ts";
import type { Waiter } from "../shared/single-flight.ts";
import type { TenantRecord } from "../shared/tenants.ts";
import type { Counted } from "./admit.ts";
import { deduplicateEvents } from "./deduplicate.ts";
import type { DeliveryState } from "./deliver.ts";
import { type EnrichedEvent, type Enrichment, enrich } from "./enrich.ts";
import { derivedIds } from "./event-ids.ts";
import { overridesOf } from "./otlp/price.ts";
import { bodyMayHoldSecret } from "./otlp/redact-secrets.ts";
import { parseBody } from "./parse-body.ts";
import { rowPrefix } from "./row-text.ts";
import { storeEvents } from "./store-events.ts";
import { validateEvent } from "./validate.ts";
import type { Verdict } from "./verdict.ts";

/** One request, read and authenticated. */
export interface EventsRequest {
  tenant: TenantRecord;
  body: Uint8Array;
  contentType: string | undefined;
  idempotencyKey: string | undefined;
  /** Cloudflare location code. */
  region: string;
  receivedAt: number;
  /** Charges the tenant's quota for what the body holds, before anything is stored. Throws PublicError `rate_limited`. */
  charge(counted: Counted): Promise<void>;
}

type Rejected = IngestAnswer["rejected"][number];

/** The answer for the client, and the accepted events, which are durable now. */
export interface Accepted {
  answer: IngestAnswer;
  events: EnrichedEvent[];
}

/** Accepts what is valid. Throws PublicError for whole-request failures; resolves only when all accepted events are durable. */
export async function acceptEvents(
  env: Env,
  waiter: Waiter,
  state: DeliveryState,
  request: EventsRequest,
): Promise<Accepted> {
  const { tenant, receivedAt } = request;
  const rejected: Rejected[] = [];
  const valid = readEvents(request, rejected);
  const { events, duplicates, conflicts } = deduplicateEvents(valid);
  for (const event of conflicts) {
    const message = "this event_id stands in the same request with another timestamp or type";
    rejected.push({ index: event.index, event_id: event.eventId, code: "id_conflict", path: "event_id", message });
  }
  const counted = valid.length + rejected.length - conflicts.length;
  await request.charge({ events: counted, rejected: rejected.length, bytes: request.body.byteLength });
  await storeEvents(env, waiter, state, tenant, events, receivedAt);
  rejected.sort((a, b) => a.index - b.index);
  return { answer: { accepted: events.length, duplicates: duplicates.length, rejected }, events };
}

function readEvents(request: EventsRequest, rejected: Rejected[]): EnrichedEvent[] {
  const { tenant, receivedAt } = request;
  const add: Enrichment = {
    org: hashString(tenant.orgId),
    row: rowPrefix(tenant.orgId, request.region, receivedAt),
    teamOfUser: tenant.teamOfUser,
    prices: overridesOf(tenant.policies.prices),
    clean: !bodyMayHoldSecret(request.body),
  };
  const idOf = derivedIds(tenant.orgId, request.idempotencyKey, request.body);
  const valid: EnrichedEvent[] = [];
  for (const [index, candidate] of parseBody(request.body, request.contentType).entries()) {
    if ("value" in candidate) refuseForeignOrg(candidate.value, tenant.orgId);
    const result = "value" in candidate ? validateEvent(candidate.value, receivedAt) : candidate.verdict;
    if ("envelope" in result) valid.push(enrich(result, result.envelope.event_id ?? idOf(index), index, add));
    else rejected.push(rejection(index, "value" in candidate ? candidate.value : undefined, result));
  }
  return valid;
}

function refuseForeignOrg(value: unknown, orgId: string): void {
  if (typeof value !== "object" || value === null || !("org_id" in value)) return;
  const named = value.org_id;
  if (typeof named === "string" && named !== orgId) {
    throw new PublicError("org_mismatch", "an event names another organisation than the key's; nothing was stored");
  }
}

function rejection(index: number, value: unknown, verdict: Verdict): Rejected {
  const id = typeof value === "object" && value !== null && "event_id" in value ? value.event_id : undefined;
  return { index, ...(typeof id === "string" && id.length <= 64 ? { event_id: id } : {}), ...verdict };
}
