/**
 * Rate limits that need no tenant: shields against floods per key and address, the API's requests a minute of one caller
 * or session, and the headers that tell clients where they stand. Called by ingest and the API.
 * Counts are each isolate's own; Cloudflare's rate-limit bindings, where bound, add up a location's.
 */
import type { MiddlewareHandler } from "hono";
import { SECOND_MS } from "../../schema/limits.ts";
import type { AppEnv } from "./http.ts";
import type { QuotaState } from "./lease-account.ts";
import { errorText, log } from "./log.ts";
import type { Waiter } from "./single-flight.ts";

/** The one method that is used of a rate-limit binding. */
export type RateLimitBinding = Pick<RateLimit, "limit">;

/** Callers one isolate counts; above it counting starts anew, in favour of the callers. */
const MAX_CALLERS = 20_000;

interface Count {
  windowEnd: number;
  requests: number;
  /** The binding has said no: for the rest of the window. */
  refused: boolean;
}

export interface WindowOptions {
  limit: number;
  windowMs: number;
  /** The binding is asked from this many requests on: a caller that is quiet here is quiet. */
  askFrom: number;
}

export interface Taken {
  allowed: boolean;
  state: QuotaState;
}

/**
 * Counts requests per caller in fixed windows. The binding is asked beside the request, never before it: its refusal
 * holds from the next one on, so that no request waits for it.
 */
export class WindowLimiter {
  readonly #counts = new Map<string, Count>();
  readonly #options: WindowOptions;

  constructor(options: WindowOptions) {
    this.#options = options;
  }

  /** Counts one request; `allowed` false is a 429. */
  take(caller: string, binding: RateLimitBinding | undefined, waiter: Waiter, now: number): Taken {
    const { limit, askFrom } = this.#options;
    const count = this.#countOf(caller, now);
    count.requests += 1;
    const allowed = !count.refused && count.requests <= limit;
    if (allowed && binding !== undefined && count.requests >= askFrom) {
      waiter.waitUntil(ask(binding, caller, count));
    }
    const remaining = count.refused ? 0 : Math.max(0, limit - count.requests);
    return { allowed, state: { limit, remaining, reset: Math.ceil((count.windowEnd - now) / SECOND_MS) } };
  }

  #countOf(caller: string, now: number): Count {
    const known = this.#counts.get(caller);
    if (known !== undefined && now < known.windowEnd) return known;
    if (this.#counts.size >= MAX_CALLERS) this.#counts.clear();
    const count = { windowEnd: now + this.#options.windowMs, requests: 0, refused: false };
    this.#counts.set(caller, count);
    return count;
  }
}

async function ask(binding: RateLimitBinding, caller: string, count: Count): Promise<void> {
  try {
    const { success } = await binding.limit({ key: caller });
    if (!success) count.refused = true;
  } catch (error) {
    log.warn("rate_limit_binding_failed", { cause: errorText(error) });
  }
}

/** The address a request came from, as Cloudflare says; undefined where there is no Cloudflare, and for this machine itself. */
export function clientAddress(request: Pick<Request, "headers">): string | undefined {
  const address = request.headers.get("cf-connecting-ip");
  return address === null || address === "::1" || address.startsWith("127.") ? undefined : address;
}

/** X-RateLimit headers. `Reset` is in seconds from now. */
export function rateLimitHeaders({ limit, remaining, reset }: QuotaState): Record<string, string> {
  return {
    "x-ratelimit-limit": String(limit),
    "x-ratelimit-remaining": String(remaining),
    "x-ratelimit-reset": String(reset),
  };
}

/** Puts what a handler left in `rateLimit` on its answer, errors included. */
export const showRateLimit: MiddlewareHandler<AppEnv> = async (c, next) => {
  await next();
  const state = c.get("rateLimit");
  if (state === undefined) return;
  for (const [name, value] of Object.entries(rateLimitHeaders(state))) c.res.headers.set(name, value);
};
