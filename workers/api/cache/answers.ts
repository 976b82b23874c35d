/**
 * Answers of reads that many people ask at the same time: remembered for seconds, computed once. Fresh answers come from memory,
 * then from the data centre's cache; a stale one is given at once while a new one is made; equal questions share one flight.
 * Called by route.ts. Decides nothing about who may ask: the key says whose answer it is.
 */
import { createHash } from "node:crypto";
import { PublicError } from "../../../schema/errors.ts";
import { SECOND_MS } from "../../../schema/limits.ts";
import { SingleFlight, type Waiter } from "../../shared/single-flight.ts";
import { AnswerMemory, type StoredAnswer } from "./memory.ts";
import type { SharedTier } from "./shared-tier.ts";

/** How long an answer is fresh, and how much longer it may be given while a new one is made. */
export interface CachePolicy {
  freshMs: number;
  staleMs: number;
}

/** Dashboards ask again every few seconds; nobody sees ten seconds in a figure of a day. */
export const METRICS_CACHE: CachePolicy = { freshMs: 10 * SECOND_MS, staleMs: 60 * SECOND_MS };
/** Questions people put together themselves. */
export const QUERY_CACHE: CachePolicy = { freshMs: 30 * SECOND_MS, staleMs: 0 };

/** A follower waits for another's query as long as a query may take. */
const FLIGHT_WAIT_MS = 13 * SECOND_MS;

export interface AnswerRequest {
  key: string;
  orgId: string;
  policy: CachePolicy;
  shared: SharedTier;
  /** The client asked for an answer made now (`Cache-Control: no-cache`). */
  now: number;
  fresh: boolean;
  /** Charged once to whoever starts the computing; hits and followers are free. Throws PublicError `rate_limited`. */
  charge(): Promise<void>;
  compute(): Promise<string>;
}

/** hit: fresh; stale: a new one is being made; miss: made for this request or one at the same time. */
export interface GivenAnswer extends StoredAnswer {
  from: "hit" | "stale" | "miss";
}

export class Answers {
  readonly #memory = new AnswerMemory();
  readonly #flights = new SingleFlight<StoredAnswer>(FLIGHT_WAIT_MS);

  /** Gives an answer. Rejects as `charge` and `compute` do; a failure is never remembered. */
  async give(waiter: Waiter, request: AnswerRequest): Promise<GivenAnswer> {
    const { key, policy, now } = request;
    if (request.fresh) return { ...(await this.#flights.start(key, waiter, () => this.#make(request))), from: "miss" };
    const found = this.#memory.get(key);
    const age = found === undefined ? Number.POSITIVE_INFINITY : now - found.storedAt;
    if (found !== undefined && age < policy.freshMs) return { ...found, from: "hit" };
    if (found !== undefined && age < policy.freshMs + policy.staleMs) {
      if (!this.#flights.has(key)) this.#flights.start(key, waiter, () => this.#find(request)).catch(() => undefined);
      return { ...found, from: "stale" };
    }
    return { ...(await this.#join(waiter, request)), from: "miss" };
  }

  /** Forgets an organisation's answers in this isolate, after a change there. */
  forget(orgId: string): void {
    this.#memory.forget(orgId);
  }

  async #join(waiter: Waiter, request: AnswerRequest): Promise<StoredAnswer> {
    const following = this.#flights.has(request.key);
    try {
      return await this.#flights.run(request.key, waiter, () => this.#find(request));
    } catch (error) {
      // The one who started was over its limit; that says nothing of this one.
      if (!following || !(error instanceof PublicError) || error.code !== "rate_limited") throw error;
      return await this.#make(request);
    }
  }

  async #find(request: AnswerRequest): Promise<StoredAnswer> {
    const shared = await request.shared.get(request.key);
    if (shared === undefined || request.now - shared.storedAt >= request.policy.freshMs)
      return await this.#make(request);
    this.#memory.set(request.key, request.orgId, shared);
    return shared;
  }

  async #make({ key, orgId, policy, shared, now, charge, compute }: AnswerRequest): Promise<StoredAnswer> {
    await charge();
    const text = await compute();
    const answer = { text, etag: etagOf(text), storedAt: now };
    this.#memory.set(key, orgId, answer);
    await shared.set(key, answer, policy.freshMs);
    return answer;
  }
}

/** A strong tag: the same bytes, the same tag. */
function etagOf(text: string): string {
  return `"${createHash("sha256").update(text).digest("base64url").slice(0, 27)}"`;
}

/** True when `If-None-Match` names the tag (RFC 9110, 13.1.2: weak comparison, `*` for any). */
export function matchesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(",").some((tag) => tag.trim() === "*" || tag.trim().replace(/^W\//, "") === etag);
}
