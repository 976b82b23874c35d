/**
 * Priority notices: errors, security alerts and requests with `X-Priority: high` are shown at once, after their durable write and
 * beside their pack; only the pack counts. At most two calls a second per isolate and tenant, coalesced; what is above the
 * bound travels with its pack. Called by the app. A lost notice costs nothing but its head start.
 */
import { tenantLive } from "../../durable-objects/tenant-namespace.ts";
import { LIVE_RANGE_MS } from "../../schema/live.ts";
import { type Notice, RPC_VERSION } from "../../schema/rpc.ts";
import type { Env } from "../shared/env.ts";
import { errorText, log } from "../shared/log.ts";
import type { Waiter } from "../shared/single-flight.ts";
import type { TenantRecord } from "../shared/tenants.ts";
import type { EnrichedEvent } from "./enrich.ts";

/** Two calls a second. */
const MIN_INTERVAL_MS = 500;
/** Notices of one call; an error storm shows its first hundred and is counted whole. */
const MAX_PER_CALL = 100;
/** Tenants one isolate remembers; a forgotten one may send a call too soon. */
const MAX_TENANTS = 1_000;
/** UTF-16 units of a notice's title. */
const MAX_TITLE = 200;

/** Sends notices to a tenant's live object. Rejects when the object does. */
export type Notify = (env: Env, tenant: TenantRecord, notices: Notice[]) => Promise<void>;

interface Gate {
  sentAt: number;
  pending: Notice[];
  scheduled: boolean;
}

/**
 * The events that are notices; `high`: the request said X-Priority: high, so all are. What is older than the live view
 * (imported history, a client that was offline) is no news; `now` in ms.
 */
export function noticesOf(events: readonly EnrichedEvent[], high: boolean, now: number): Notice[] {
  const notices: Notice[] = [];
  for (const event of events) {
    if (event.timestampMs < now - LIVE_RANGE_MS) continue;
    if (!high && event.eventType !== "error" && event.eventType !== "security_alert") continue;
    if (notices.length >= MAX_PER_CALL) break;
    notices.push(noticeOf(event));
  }
  return notices;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

function noticeOf(event: EnrichedEvent): Notice {
  const [session_id, user_id, team_id, agent, repo, , environment] = event.session;
  const { metadata } = event;
  const title =
    text(metadata.message) || text(metadata.rule) || text(metadata.code) || text(metadata.title) || event.eventType;
  return {
    event_id: event.eventId,
    event_type: event.eventType,
    timestamp: event.timestampMs,
    user_id,
    session_id,
    team_id,
    agent,
    model: event.model,
    repo,
    environment,
    severity:
      text(metadata.severity) || (event.eventType === "error" ? (metadata.fatal === true ? "high" : "medium") : "info"),
    title: title.slice(0, MAX_TITLE),
  };
}

const toLiveObject: Notify = (env, tenant, notices) =>
  tenantLive(env, tenant).notify({ v: RPC_VERSION, org_id: tenant.orgId, notices });

/** One per isolate. `now` in ms; `sleep` resolves after so many ms. */
export class NoticeGate {
  readonly #gates = new Map<string, Gate>();
  readonly #notify: Notify;

  constructor(notify: Notify = toLiveObject) {
    this.#notify = notify;
  }

  /** Sends the notices now, or within half a second together with others; never rejects, never delays the answer. */
  offer(env: Env, waiter: Waiter, tenant: TenantRecord, notices: readonly Notice[], now: number): void {
    if (notices.length === 0) return;
    const gate = this.#gateOf(tenant.orgId);
    gate.pending.push(...notices.slice(0, MAX_PER_CALL - gate.pending.length));
    if (gate.scheduled) return;
    gate.scheduled = true;
    waiter.waitUntil(this.#flush(env, tenant, gate, Math.max(0, gate.sentAt + MIN_INTERVAL_MS - now)));
  }

  async #flush(env: Env, tenant: TenantRecord, gate: Gate, wait: number): Promise<void> {
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const notices = gate.pending;
    gate.pending = [];
    gate.scheduled = false;
    gate.sentAt = Date.now();
    try {
      await this.#notify(env, tenant, notices);
    } catch (error) {
      log.warn("notice_failed", { org_id: tenant.orgId, notices: notices.length, cause: errorText(error) });
    }
  }

  #gateOf(orgId: string): Gate {
    let gate = this.#gates.get(orgId);
    if (gate === undefined) {
      if (this.#gates.size >= MAX_TENANTS) this.#gates.clear();
      gate = { sentAt: 0, pending: [], scheduled: false };
      this.#gates.set(orgId, gate);
    }
    return gate;
  }
}
