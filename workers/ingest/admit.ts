/**
 * Step 2 of ingest: may this request come in? Shields against floods, then the tenant's quota by leases that the isolate
 * holds, so that an admitted request waits for nothing. Called by the app around reading and packing a body.
 * A refusal is a 429 with Retry-After, which OTLP exporters retry.
 */
import type { Context } from "hono";
import { PublicError } from "../../schema/errors.ts";
import { SECOND_MS } from "../../schema/limits.ts";
import type { AppEnv } from "../shared/http.ts";
import type { QuotaGate, Verdict } from "../shared/quota.ts";
import { clientAddress, WindowLimiter } from "../shared/rate-limit.ts";
import type { TenantRecord } from "../shared/tenants.ts";
import { RECORDS_PER_TOKEN } from "./otlp/limits.ts";

const SHIELD_WINDOW_MS = 10 * SECOND_MS;
/** As in wrangler.toml. By key: above the default quota at one event a request. By address: an office of thousands. */
const SHIELD_KEY_LIMIT = 120_000;
const SHIELD_IP_LIMIT = 60_000;
/** Asking the binding costs a call a request: only for what is busy in this isolate. */
const SHIELD_ASK_FROM = 1_000;

/** What the app counts of one request once its body is read. */
export interface Counted {
  /** Events found in the body, good or bad. */
  events: number;
  rejected: number;
  /** After decompression. */
  bytes: number;
  /** OTLP records they were made of: reading them costs too, though most make no event. */
  records?: number;
  /** A further part of a request that is counted already. */
  goesOn?: boolean;
}

/** The doors of one isolate. */
export class Admission {
  readonly #gate: QuotaGate;
  readonly #byKey = new WindowLimiter({
    limit: SHIELD_KEY_LIMIT,
    windowMs: SHIELD_WINDOW_MS,
    askFrom: SHIELD_ASK_FROM,
  });
  readonly #byAddress = new WindowLimiter({
    limit: SHIELD_IP_LIMIT,
    windowMs: SHIELD_WINDOW_MS,
    askFrom: SHIELD_ASK_FROM,
  });

  constructor(gate: QuotaGate) {
    this.#gate = gate;
  }

  /** Before a key is looked up. Throws PublicError `rate_limited`. */
  shieldAddress(c: Context<AppEnv>, now: number): void {
    const address = c.env.SHIELD_IP === undefined ? undefined : clientAddress(c.req.raw);
    if (address === undefined) return;
    const { allowed, state } = this.#byAddress.take(address, c.env.SHIELD_IP, c.executionCtx, now);
    if (!allowed) throw tooMany("too many requests from this address", state.reset);
  }

  /** Before the body is read: refuses what would be refused anyway. Throws PublicError `rate_limited`. */
  atDoor(c: Context<AppEnv>, tenant: TenantRecord, now: number): void {
    if (c.env.SHIELD_KEY !== undefined) {
      const { allowed, state } = this.#byKey.take(tenant.secretHash, c.env.SHIELD_KEY, c.executionCtx, now);
      if (!allowed) throw tooMany("too many requests with this key", state.reset);
    }
    const refusal = this.#gate.door(c.env, c.executionCtx, tenant, now);
    if (refusal !== undefined) settle(c, refusal);
  }

  /** Charges what is in the body, before anything of it is stored. Throws PublicError `rate_limited`. */
  async charge(c: Context<AppEnv>, tenant: TenantRecord, counted: Counted): Promise<void> {
    const { events, rejected, bytes, records = 0, goesOn = false } = counted;
    const usage = { requests: goesOn ? 0 : 1, events: events - rejected, bytes, rejected };
    const charge = { tokens: Math.max(1, events, Math.ceil(records / RECORDS_PER_TOKEN)), usage };
    const verdict = this.#gate.charge(c.env, c.executionCtx, tenant, charge, Date.now());
    settle(c, verdict instanceof Promise ? await verdict : verdict);
  }
}

function settle(c: Context<AppEnv>, { admitted, reason, state }: Verdict): void {
  c.set("rateLimit", state);
  if (admitted) return;
  const message =
    reason === "day"
      ? `the organisation's ${state.limit} events of today (UTC) are used up`
      : `the organisation sends more than its ${state.limit} events a second`;
  throw tooMany(message, state.reset);
}

function tooMany(message: string, retryAfter: number): PublicError {
  return new PublicError("rate_limited", message, { retryAfter: Math.max(1, retryAfter) });
}
