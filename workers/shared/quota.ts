/**
 * The gate of one isolate that holds tenants to their quotas: leases from the tenant's QuotaLease object, fetched in the
 * background, and usage counters that travel with the same calls. One gate per app and meter.
 * Called by ingest and the API. Answers no request: callers turn a refusal into their 429.
 */
import { quotaLease, type TenantRef } from "../../durable-objects/tenant-namespace.ts";
import type { Quotas } from "../../schema/api/settings.ts";
import { LEASE_MS, MINUTE_MS, SECOND_MS, SHARED_FLIGHT_MS } from "../../schema/limits.ts";
import {
  type LeaseAnswer,
  type LeaseRequest,
  type Meter,
  NO_USAGE,
  RPC_VERSION,
  USAGE_NAMES,
  type UsageCounts,
} from "../../schema/rpc.ts";
import type { Env } from "./env.ts";
import { LeaseAccount, type QuotaState } from "./lease-account.ts";
import { errorText, log } from "./log.ts";
import { SingleFlight, type Waiter } from "./single-flight.ts";

/** The quotas that are enforced request by request. */
export type RequestQuotas = Pick<
  Quotas,
  "max_events_per_second" | "max_events_per_day" | "max_api_requests_per_minute"
>;

/** Whose quota, and how much it is. */
export interface QuotaTenant extends TenantRef {
  quotas: RequestQuotas;
}

/** One request against the quota, with what there is to count of it. */
export interface Charge {
  tokens: number;
  usage: Partial<UsageCounts>;
}

export interface Verdict {
  admitted: boolean;
  /** What is used up, when not admitted. */
  reason: "rate" | "day" | undefined;
  state: QuotaState;
}

/** Asks the tenant's object. Rejects when it cannot be reached. */
export type Lease = (env: Env, tenant: TenantRef, request: LeaseRequest) => Promise<LeaseAnswer>;

const fromObject: Lease = (env, tenant, request) => quotaLease(env, tenant).lease(request);

/** Tenants one isolate remembers; a forgotten one gets its next request on credit. */
const MAX_TENANTS = 2_000;
/** Leases a request waits for before it is refused; all of them together take SHARED_FLIGHT_MS at most. */
const MAX_ASKS = 5;
/** A failing object is logged this often per tenant and isolate. */
const LOG_EVERY_MS = 10 * SECOND_MS;

interface Entry {
  account: LeaseAccount;
  /** Not told to the object yet. */
  usage: UsageCounts;
  dirty: boolean;
  reporting: boolean;
  loggedAt: number;
}

/** One isolate's side of the quotas of one meter. */
export class QuotaGate {
  readonly #meter: Meter;
  readonly #lease: Lease;
  readonly #reportAfterMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #flights = new SingleFlight<void>();
  #isolate: string | undefined;

  constructor(meter: Meter, options: { lease?: Lease; reportAfterMs?: number } = {}) {
    this.#meter = meter;
    this.#lease = options.lease ?? fromObject;
    this.#reportAfterMs = options.reportAfterMs ?? LEASE_MS;
  }

  /** The refusal of a moment ago, if there was one: costs nothing, so it comes before a body is read. */
  door(env: Env, waiter: Waiter, tenant: QuotaTenant, now: number): Verdict | undefined {
    const entry = this.#entryOf(tenant.orgId);
    if (entry.account.decide(now) !== "refuse") return undefined;
    return this.#refuse(env, waiter, tenant, entry, now);
  }

  /**
   * Charges a request. Answers at once, but for a request that has to wait for a lease under way (2 s at most). An
   * admitted one is counted with its usage, a refused one as rate-limited. Never rejects.
   */
  charge(env: Env, waiter: Waiter, tenant: QuotaTenant, charge: Charge, now: number): Verdict | Promise<Verdict> {
    const entry = this.#entryOf(tenant.orgId);
    const decision = entry.account.decide(now);
    if (decision === "admit") return this.#admit(env, waiter, tenant, entry, charge, now);
    if (decision === "refuse") return this.#refuse(env, waiter, tenant, entry, now);
    return this.#ask(env, waiter, tenant, entry, charge, now);
  }

  #admit(env: Env, waiter: Waiter, tenant: QuotaTenant, entry: Entry, charge: Charge, now: number): Verdict {
    entry.account.spend(charge.tokens, now);
    this.#count(entry, charge.usage);
    if (entry.account.wantsLease(now) && !this.#flights.has(tenant.orgId)) {
      void this.#flights.start(tenant.orgId, waiter, () => this.#renew(env, tenant, entry, true));
    } else this.#reportLater(env, waiter, tenant, entry);
    return this.#verdict(true, tenant, entry, now);
  }

  #refuse(env: Env, waiter: Waiter, tenant: QuotaTenant, entry: Entry, now: number): Verdict {
    this.#count(entry, { rate_limited: 1 });
    this.#reportLater(env, waiter, tenant, entry);
    return this.#verdict(false, tenant, entry, now);
  }

  async #ask(env: Env, waiter: Waiter, tenant: QuotaTenant, entry: Entry, charge: Charge, began: number) {
    for (let asks = 0; asks < MAX_ASKS; asks++) {
      await this.#flights.run(tenant.orgId, waiter, () => this.#renew(env, tenant, entry, true));
      const now = Date.now();
      const decision = entry.account.decide(now);
      if (decision === "admit") return this.#admit(env, waiter, tenant, entry, charge, now);
      if (decision === "refuse" || now - began > SHARED_FLIGHT_MS) break;
    }
    return this.#refuse(env, waiter, tenant, entry, Date.now());
  }

  /** One call to the object; without `want` it hands in the lease and asks for none. Never rejects. */
  async #renew(env: Env, tenant: QuotaTenant, entry: Entry, want: boolean): Promise<void> {
    const { account, usage } = entry;
    const left = account.left;
    entry.usage = { ...NO_USAGE };
    entry.dirty = false;
    this.#isolate ??= crypto.randomUUID();
    try {
      const answer = await inTime(
        this.#lease(env, tenant, {
          v: RPC_VERSION,
          org_id: tenant.orgId,
          isolate: this.#isolate,
          meter: this.#meter,
          rate: this.#rate(tenant),
          per_day: this.#meter === "events" ? tenant.quotas.max_events_per_day : null,
          left,
          want,
          usage,
        }),
      );
      if (want) account.settle(left, answer, Date.now());
      else account.handIn(left, answer);
    } catch (error) {
      const now = Date.now();
      // It may have been counted: usage is rather told twice than not at all.
      this.#count(entry, usage);
      if (want) account.failOpen(this.#rate(tenant), now);
      if (now - entry.loggedAt < LOG_EVERY_MS) return;
      entry.loggedAt = now;
      log.warn("quota_lease_failed", { org_id: tenant.orgId, meter: this.#meter, cause: errorText(error) });
    }
  }

  /** What is counted within a lease would wait for the tenant's next request: it is told once the lease is over. */
  #reportLater(env: Env, waiter: Waiter, tenant: QuotaTenant, entry: Entry): void {
    if (entry.reporting) return;
    entry.reporting = true;
    waiter.waitUntil(this.#report(env, waiter, tenant, entry));
  }

  async #report(env: Env, waiter: Waiter, tenant: QuotaTenant, entry: Entry): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#reportAfterMs));
    entry.reporting = false;
    if (!entry.dirty || this.#flights.has(tenant.orgId)) return;
    const goesOn = entry.account.live(Date.now());
    await this.#flights.start(tenant.orgId, waiter, () => this.#renew(env, tenant, entry, goesOn));
  }

  #count(entry: Entry, usage: Partial<UsageCounts>): void {
    for (const name of USAGE_NAMES) entry.usage[name] += usage[name] ?? 0;
    entry.dirty = true;
  }

  #rate({ quotas }: QuotaTenant): number {
    return this.#meter === "events"
      ? quotas.max_events_per_second
      : (quotas.max_api_requests_per_minute * SECOND_MS) / MINUTE_MS;
  }

  #verdict(admitted: boolean, { quotas }: QuotaTenant, { account }: Entry, now: number): Verdict {
    const reason = admitted ? undefined : (account.refusedFor ?? "rate");
    const [limit, perMs] =
      this.#meter === "api"
        ? [quotas.max_api_requests_per_minute, MINUTE_MS]
        : [reason === "day" ? (quotas.max_events_per_day ?? 0) : quotas.max_events_per_second, SECOND_MS];
    return { admitted, reason, state: account.state(limit, perMs, now) };
  }

  #entryOf(orgId: string): Entry {
    let entry = this.#entries.get(orgId);
    if (entry === undefined) {
      if (this.#entries.size >= MAX_TENANTS) this.#entries.clear();
      entry = {
        account: new LeaseAccount(),
        usage: { ...NO_USAGE },
        dirty: false,
        reporting: false,
        loggedAt: Number.NEGATIVE_INFINITY,
      };
      this.#entries.set(orgId, entry);
    }
    return entry;
  }
}

/** The promise, or a rejection when it takes longer than anyone waits for a flight. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${SHARED_FLIGHT_MS} ms`)), SHARED_FLIGHT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
