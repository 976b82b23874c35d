/**
 * How often one caller, and one tenant, may ask the API: 100 requests a minute of a token or session, as many of an address
 * that is not signed in, and the tenant's own quota by leases. Called by route.ts before any handler.
 * A caller is counted by what it presented: another token of the same person counts on its own, under the tenant's quota.
 */
import { createHash } from "node:crypto";
import type { Context } from "hono";
import type { Principal } from "../../schema/access.ts";
import { PLAN_DEFAULTS } from "../../schema/api/settings.ts";
import { PublicError } from "../../schema/errors.ts";
import { API_REQUESTS_PER_MINUTE_PER_CALLER, MINUTE_MS } from "../../schema/limits.ts";
import { homeJurisdiction } from "../shared/access-token.ts";
import type { AppEnv } from "../shared/http.ts";
import { QuotaGate, type RequestQuotas } from "../shared/quota.ts";
import { clientAddress, WindowLimiter } from "../shared/rate-limit.ts";
import { sessionCookie } from "../shared/session-cookie.ts";
import { tenantConfig } from "../shared/tenant-config.ts";

/** The doors of one isolate. */
export class ApiAdmission {
  readonly #gate: QuotaGate;
  readonly #limiter = new WindowLimiter({
    limit: API_REQUESTS_PER_MINUTE_PER_CALLER,
    windowMs: MINUTE_MS,
    askFrom: 1,
  });

  constructor(gate: QuotaGate = new QuotaGate("api")) {
    this.#gate = gate;
  }

  /** Counts a request of nobody in particular by its address. Throws PublicError `rate_limited`. */
  anonymous(c: Context<AppEnv>): void {
    const address = clientAddress(c.req.raw);
    if (address !== undefined) this.#take(c, `ip ${address}`, "too many requests from this address");
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

  /** Counts a request by its token and against its tenant's quota. Throws PublicError `rate_limited`. */
  async charge(c: Context<AppEnv>, principal: Principal): Promise<void> {
    const token = c.req.header("authorization");
    const presented = token ?? sessionCookie(c) ?? "";
    this.#take(
      c,
      `token ${createHash("sha256").update(presented).digest("base64url")}`,
      token === undefined ? "this page asked for too much in a minute" : "too many requests with this token",
    );
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

  #take(c: Context<AppEnv>, caller: string, message: string): void {
    const { allowed, state } = this.#limiter.take(caller, c.env.API_CALLER, c.executionCtx, Date.now());
    c.set("rateLimit", state);
    if (!allowed) throw new PublicError("rate_limited", message, { retryAfter: Math.max(1, state.reset) });
  }
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
