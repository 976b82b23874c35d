/**
 * One OTLP body behind authentication: decoded, normalised, resolved, redacted, validated, durable. Called by the OTLP routes.
 * A record that makes no valid event costs its neighbours nothing; what was not taken is told in the answer.
 */
import { PublicError } from "../../../schema/errors.ts";
import { hashString } from "../../../schema/identity.ts";
import type { Env } from "../../shared/env.ts";
import type { Waiter } from "../../shared/single-flight.ts";
import type { TenantRecord } from "../../shared/tenants.ts";
import type { Counted } from "../admit.ts";
import { deduplicateEvents } from "../deduplicate.ts";
import type { DeliveryState } from "../deliver.ts";
import { type EnrichedEvent, enrich } from "../enrich.ts";
import { rowPrefix } from "../row-text.ts";
import { storeEvents } from "../store-events.ts";
import { validateEvent } from "../validate.ts";
import { confirmCumulative, resolveCumulative } from "./cumulative.ts";
import { decode, type Encoding, type Signal } from "./decode.ts";
import { type DecodeBudget, DecodeError } from "./decode-budget.ts";
import type { OtlpExport } from "./model.ts";
import type { NormalisedEvent } from "./normalise/contract.ts";
import type { AgentPart } from "./normalise/normalise.ts";
import type { PriceOverrides } from "./price.ts";
import { Reasons } from "./reasons.ts";
import type { RedactedEvent } from "./redact.ts";
import type { Refused } from "./respond.ts";

/** What happens to records and events on the way; every step is a plain function, in this order. */
export interface OtlpSteps {
  /** Records to events, by agent. */
  normalise(otlp: OtlpExport): AgentPart[];
  /** Takes out what the tenant's policy does not let in. Nothing before this step may be logged or stored. */
  redact(events: readonly NormalisedEvent[], tenant: TenantRecord): readonly RedactedEvent[];
  /** The events with the alerts that they give rise to. */
  rules(events: readonly RedactedEvent[], tenant: TenantRecord): readonly RedactedEvent[];
  /** The tenant's own prices; costs are computed by enrich. */
  prices(tenant: TenantRecord): PriceOverrides;
}

/** One request, read and authenticated. */
export interface OtlpRequest {
  tenant: TenantRecord;
  signal: Signal;
  encoding: Encoding;
  body: Uint8Array;
  /** Cloudflare location code. */
  region: string;
  receivedAt: number;
  /** Charges the tenant's quota, before anything is stored. Throws PublicError `rate_limited`. */
  charge(counted: Counted): Promise<void>;
}

export interface OtlpAccepted {
  refused: Refused;
  /** Durable now. */
  events: EnrichedEvent[];
  /** What became of the records, by agent. */
  parts: AgentPart[];
}

/** Accepts one export. Throws PublicError for whole-request failures; resolves only when all its events are durable. */
export async function acceptOtlp(
  env: Env,
  waiter: Waiter,
  state: DeliveryState,
  steps: OtlpSteps,
  request: OtlpRequest,
): Promise<OtlpAccepted> {
  const { tenant, receivedAt } = request;
  const { otlp, budget } = decoded(request);
  const parts = steps.normalise(otlp);
  const reasons = new Reasons();
  reasons.note("attributes or span events above the limits were dropped", budget.dropped);
  const { made, confirm, behind } = await eventsOf(env, tenant, parts, reasons);
  const ready = steps.rules(steps.redact(made, tenant), tenant);
  const valid = checked(ready, request, steps.prices(tenant), reasons);
  const { events, conflicts } = deduplicateEvents(valid);
  reasons.refuse("id_conflict", "one event id at two times", conflicts.length);
  await request.charge({
    events: ready.length,
    rejected: ready.length - valid.length + conflicts.length,
    bytes: request.body.byteLength,
    records: budget.records,
  });
  await storeEvents(env, waiter, state, tenant, events, receivedAt);
  if (confirm !== undefined) waiter.waitUntil(confirm());
  if (behind) throw new PublicError("overloaded", "some series are behind, please retry", { retryAfter: 1 });
  return { refused: reasons.told(budget.records), events, parts };
}

function decoded({ signal, encoding, body }: OtlpRequest): { otlp: OtlpExport; budget: DecodeBudget } {
  try {
    return decode(signal, encoding, body);
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw new PublicError(cause.kind === "malformed" ? "invalid_body" : "too_many_events", cause.message, { cause });
  }
}

interface Made {
  made: NormalisedEvent[];
  /** Closes what was resolved, once it is durable. */
  confirm: (() => Promise<void>) | undefined;
  behind: boolean;
}

async function eventsOf(env: Env, tenant: TenantRecord, parts: readonly AgentPart[], reasons: Reasons): Promise<Made> {
  const made = parts.flatMap(({ result }) => result.events);
  const facts = parts.flatMap(({ result }) => result.cumulative);
  if (facts.length === 0) return { made, confirm: undefined, behind: false };
  const { events, intervals, full, behind } = await resolveCumulative(env, tenant, facts);
  reasons.refuse("too_many_series", "the organisation has too many cumulative series", full);
  const confirm = intervals.length === 0 ? undefined : () => confirmCumulative(env, tenant, intervals);
  return { made: [...made, ...events], confirm, behind: behind > 0 };
}

function checked(
  events: readonly RedactedEvent[],
  request: OtlpRequest,
  prices: PriceOverrides,
  reasons: Reasons,
): EnrichedEvent[] {
  const { tenant, receivedAt, region } = request;
  const add = {
    org: hashString(tenant.orgId),
    row: rowPrefix(tenant.orgId, region, receivedAt),
    teamOfUser: tenant.teamOfUser,
    prices,
    // Secrets went with the redaction.
    clean: true,
  };
  const valid: EnrichedEvent[] = [];
  for (const [index, { event, price, redacted }] of events.entries()) {
    const result = validateEvent(event, receivedAt);
    if ("envelope" in result) valid.push(enrich(result, event.event_id, index, add, { price, redacted }));
    else reasons.refuse(result.code, result.message, 1);
  }
  return valid;
}
