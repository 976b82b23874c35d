/**
 * How often one caller, and one tenant, may ask the API: 100 requests a minute of a token, as many of an address that is not
 * signed in, 600 of a browser session, and the tenant's own quota by leases. Called by route.ts before any handler.
 * A caller is counted by what it presented: another token of the same person counts on its own, under the tenant's quota.
 */
import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { Principal } from "../../schema/access.ts";
import { PLAN_DEFAULTS } from "../../schema/api/settings.ts";
import { PublicError } from "../../schema/errors.ts";
import {
  API_REQUESTS_PER_MINUTE_PER_CALLER,
  API_REQUESTS_PER_MINUTE_PER_SESSION,
  MINUTE_MS,
} from "../../schema/limits.ts";
import { homeJurisdiction } from "../shared/access-token.ts";
import type { AppEnv } from "../shared/http.ts";
import { QuotaGate, type RequestQuotas } from "../shared/quota.ts";
import { clientAddress, type Taken, WindowLimiter } from "../shared/rate-limit.ts";
import { sessionCookie } from "../shared/session-cookie.ts";
import { tenantConfig } from "../shared/tenant-config.ts";

/** The doors of one isolate. */
export class ApiAdmission {
  readonly #gate: QuotaGate;
  readonly #callers = limiterOf(API_REQUESTS_PER_MINUTE_PER_CALLER);
  readonly #sessions = limiterOf(API_REQUESTS_PER_MINUTE_PER_SESSION);

  constructor(gate: QuotaGate = new QuotaGate("api")) {
    this.#gate = gate;
  }

  /** Counts a request of nobody in particular by its address. Throws PublicError `rate_limited`. */
  anonymous(c: Context<AppEnv>): void {
    const address = clientAddress(c.req.raw);
    if (address === undefined) return;
    const taken = this.#callers.take(`ip ${address}`, c.env.API_CALLER, c.executionCtx, Date.now());
    answerTo(c, taken, "too many requests from this address");
  }

  /**
   * The principal of a request; a failed log-in is counted by its address. Throws what `authenticate` throws, and PublicError
   * `rate_limited`.
   */
  async caller(c: Context<AppEnv>, authenticate: (c: Context<AppEnv>) => Promise<Principal>): Promise<Principal> {
    try {
      return await authenticate(c);
    } catch (error) {
      if (error instanceof PublicError && error.code === "unauthorized") this.anonymous(c);
      throw error;
    }
  }

  /** Counts a request by its token or session and against its tenant's quota. Throws PublicError `rate_limited`. */
  async charge(c: Context<AppEnv>, principal: Principal): Promise<void> {
    this.#countCaller(c);
    const { org_id: orgId, jurisdiction } = principal;
    const quotas = await quotasOf(c, principal);
    const charge = { tokens: 1, usage: { api_requests: 1 } };
    const now = Date.now();
    const verdict = await this.#gate.charge(c.env, c.executionCtx, { orgId, jurisdiction, quotas }, charge, now);
    if (verdict.admitted) return;
    c.set("rateLimit", verdict.state);
    const message = `the organisation makes more than its ${verdict.state.limit} requests a minute`;
    throw new PublicError("rate_limited", message, { retryAfter: Math.max(1, verdict.state.reset) });
  }

  #countCaller(c: Context<AppEnv>): void {
    const { env, executionCtx } = c;
    const token = c.req.header("authorization");
    const now = Date.now();
    if (token !== undefined) {
      const taken = this.#callers.take(`token ${digestOf(token)}`, env.API_CALLER, executionCtx, now);
      answerTo(c, taken, "too many requests with this token");
    } else {
      const session = digestOf(sessionCookie(c) ?? "");
      const taken = this.#sessions.take(`session ${session}`, env.API_SESSION, executionCtx, now);
      answerTo(c, taken, "too many requests of this session");
    }
  }
}

const limiterOf = (limit: number): WindowLimiter => new WindowLimiter({ limit, windowMs: MINUTE_MS, askFrom: 1 });

/** Counters hold no secrets. */
const digestOf = (presented: string): string => createHash("sha256").update(presented).digest("base64url");

function answerTo(c: Context<AppEnv>, { allowed, state }: Taken, message: string): void {
  c.set("rateLimit", state);
  if (!allowed) throw new PublicError("rate_limited", message, { retryAfter: Math.max(1, state.reset) });
}

/** Quotas are no reason to refuse: while the configuration cannot be read, the smallest plan's hold. */
async function quotasOf(c: Context<AppEnv>, principal: Principal): Promise<RequestQuotas> {
  try {
    const ref = { orgId: principal.org_id, home: homeJurisdiction(principal) };
    return (await tenantConfig(c.env, ref, c.executionCtx)).quotas;
  } catch (error) {
    if (error instanceof PublicError) return PLAN_DEFAULTS.starter.quotas;
    throw error;
  }
}
