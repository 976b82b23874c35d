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
import { KEPT_EVENTS, MAX_NOTABLE, SLICE_RECORDS } from "./limits.ts";
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
  /** Charges the tenant's quota for a part of the body before that is stored. Throws PublicError `rate_limited`. */
  charge(counted: Counted): Promise<void>;
}

export interface OtlpAccepted {
  refused: Refused;
  /** Errors and alerts of what is durable now; at most MAX_NOTABLE. */
  notable: EnrichedEvent[];
  /** What became of the records, by agent; of their events only the first few. */
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
  const { otlp, budget } = decoded(request);
  const { tenant, receivedAt } = request;
  const reasons = new Reasons();
  reasons.note("attributes or span events above the limits were dropped", budget.dropped);
  const result: OtlpAccepted = { refused: reasons.told(0), notable: [], parts: [] };
  let behind = false;
  let goesOn = false;
  do {
    const slice = takeSlice(otlp);
    const records = slice.records.length;
    const made = await eventsOf(env, tenant, steps.normalise(slice), reasons);
    const ready = steps.rules(steps.redact(made.events, tenant), tenant);
    const valid = checked(ready, request, steps.prices(tenant), reasons);
    const { events, conflicts } = deduplicateEvents(valid);
    reasons.refuse("id_conflict", "one event id at two times", conflicts.length);
    const rejected = ready.length - valid.length + conflicts.length;
    const bytes = goesOn ? 0 : request.body.byteLength;
    await request.charge({ events: ready.length, rejected, bytes, records, goesOn });
    await storeEvents(env, waiter, state, tenant, events, receivedAt);
    if (made.confirm !== undefined) waiter.waitUntil(made.confirm());
    behind ||= made.behind;
    result.parts.push(...made.parts);
    addNotable(result.notable, events);
    goesOn = true;
  } while (otlp.records.length > 0);
  if (behind) throw new PublicError("overloaded", "some series are behind, please retry", { retryAfter: 1 });
  result.refused = reasons.told(budget.records);
  return result;
}

/** The next records, taken out of the export: what is stored need not be held while the rest is worked on. */
function takeSlice(otlp: OtlpExport): OtlpExport {
  switch (otlp.signal) {
    case "logs":
      return { signal: "logs", records: otlp.records.splice(0, SLICE_RECORDS) };
    case "metrics":
      return { signal: "metrics", records: otlp.records.splice(0, SLICE_RECORDS) };
    case "traces":
      return { signal: "traces", records: otlp.records.splice(0, SLICE_RECORDS) };
  }
}

function addNotable(notable: EnrichedEvent[], events: readonly EnrichedEvent[]): void {
  for (const event of events) {
    if (notable.length >= MAX_NOTABLE) return;
    if (event.eventType === "error" || event.eventType === "security_alert") notable.push(event);
  }
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
  events: NormalisedEvent[];
  /** As they came, of their events only the first few. */
  parts: AgentPart[];
  /** Closes what was resolved, once it is durable. */
  confirm: (() => Promise<void>) | undefined;
  behind: boolean;
}

async function eventsOf(env: Env, tenant: TenantRecord, all: readonly AgentPart[], reasons: Reasons): Promise<Made> {
  const parts = all.map(({ agent, version, result }) => {
    const few = { ...result, events: result.events.slice(0, KEPT_EVENTS), cumulative: [] };
    return { agent, version, result: few };
  });
  const made = all.flatMap(({ result }) => result.events);
  const facts = all.flatMap(({ result }) => result.cumulative);
  if (facts.length === 0) return { events: made, parts, confirm: undefined, behind: false };
  const { events, intervals, full, behind } = await resolveCumulative(env, tenant, facts);
  reasons.refuse("too_many_series", "the organisation has too many cumulative series", full);
  const confirm = intervals.length === 0 ? undefined : () => confirmCumulative(env, tenant, intervals);
  return { events: [...made, ...events], parts, confirm, behind: behind > 0 };
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
