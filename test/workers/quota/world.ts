/** The outside world of the quota tests: the objects' clock, a tenant's record and key, a queue that takes everything. */
import { env as bindings, createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import type { Hono } from "hono";
import { PLAN_DEFAULTS } from "../../../schema/api/settings.ts";
import type { QuotaLeaseRpc, UsageDay } from "../../../schema/rpc.ts";
import { createIngestApp } from "../../../workers/ingest/app.ts";
import type { Env } from "../../../workers/shared/env.ts";
import type { AppEnv } from "../../../workers/shared/http.ts";
import { hashKey, mintKey } from "../../../workers/shared/ingest-key.ts";
import { NO_LIMITS } from "../../../workers/shared/key-details.ts";
import { QuotaGate, type RequestQuotas } from "../../../workers/shared/quota.ts";
import { NO_POLICIES } from "../../../workers/shared/tenant-policies.ts";
import type { TenantRecord } from "../../../workers/shared/tenants.ts";
import { makeEvent } from "../../support/events.ts";

/** What the tests set for objects that are made after. */
export const world = { now: () => Date.now(), flushMs: 10 };

const queue = { send: async () => ({}) } as unknown as Queue<Uint8Array>;
export const env: Env = {
  ...(bindings as unknown as Env),
  SHIELD_IP: undefined as unknown as RateLimit,
  EVENTS_0: queue,
  EVENTS_1: queue,
  EVENTS_2: queue,
  EVENTS_3: queue,
  BACKFILL: queue,
};
export const shield = (bindings as unknown as Env).SHIELD_IP;

export const ENOUGH: RequestQuotas = {
  max_events_per_second: 10_000,
  max_events_per_day: null,
  max_api_requests_per_minute: 6_000,
};

let made = 0;

/** A tenant that no other test uses, with a key; `quotas` may be changed under way. */
export class Tenant {
  readonly orgId = `org_${made++}`;
  readonly key: string;
  readonly record: TenantRecord;

  constructor(quotas: Partial<RequestQuotas> = {}, jurisdiction: "us" | "eu" = "us") {
    this.key = mintKey(env.KEY_TAG_SECRET, jurisdiction, "header").key;
    this.record = {
      orgId: this.orgId,
      // An eu tenant's packs would need its buffer; its quota object is what is tested here.
      residency: "us",
      jurisdiction,
      region: jurisdiction,
      suspended: false,
      quotas: { ...PLAN_DEFAULTS.enterprise.quotas, ...ENOUGH, ...quotas },
      features: PLAN_DEFAULTS.enterprise.features,
      queueShards: 1,
      bufferShards: 1,
      secretHash: hashKey(this.key),
      expiresAt: undefined,
      revoked: false,
      limits: NO_LIMITS,
      teamOfUser: new Map(),
      policies: NO_POLICIES,
    };
  }

  /** A fresh isolate's ingest app for this tenant. */
  isolate(): Hono<AppEnv> {
    const gate = new QuotaGate("events", { reportAfterMs: 0 });
    return createIngestApp(() => ({ get: async () => this.record }), gate);
  }

  get object(): DurableObjectStub & QuotaLeaseRpc {
    const name = this.record.jurisdiction === "eu" ? `eu/${this.orgId}` : this.orgId;
    return (bindings as unknown as Env).QUOTA_LEASE.getByName(name) as unknown as DurableObjectStub & QuotaLeaseRpc;
  }

  async usage(): Promise<UsageDay | undefined> {
    return (await this.object.usage(1))[0];
  }
}

export interface SendOptions {
  headers?: Record<string, string>;
  env?: Env;
  /** Text in place of events. */
  body?: string;
}

/** Sends so many events and waits for what the request left behind. */
export async function send(
  app: Hono<AppEnv>,
  tenant: Tenant,
  events: number,
  options: SendOptions = {},
): Promise<Response> {
  const context = createExecutionContext();
  const body = options.body ?? JSON.stringify(Array.from({ length: events }, () => makeEvent()));
  const headers = {
    authorization: `Bearer ${tenant.key}`,
    "content-type": "application/json",
    ...options.headers,
  };
  const request = new Request("http://127.0.0.1/v1/events", { method: "POST", body, headers });
  const response = await app.fetch(request, options.env ?? env, context);
  await waitOnExecutionContext(context);
  return response;
}

/** The X-RateLimit headers and Retry-After, as numbers. */
export function limits(response: Response): { limit: number; remaining: number; reset: number; retryAfter: number } {
  const number = (name: string): number => Number(response.headers.get(name) ?? Number.NaN);
  return {
    limit: number("x-ratelimit-limit"),
    remaining: number("x-ratelimit-remaining"),
    reset: number("x-ratelimit-reset"),
    retryAfter: number("retry-after"),
  };
}
