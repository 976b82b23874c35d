/**
 * The only file that touches a Durable Object namespace: names objects and pins EU tenants to the EU.
 * Called by ingest, queues, api and realtime. A lint rule forbids every other caller.
 *
 * Production (`enforced`) calls `.jurisdiction("eu")`; workerd on a laptop throws on it, so `npm start` and tests inject
 * `emulated`, which prefixes the name instead. Any other value is a ConfigError.
 */

import type { IntegrationStatsRpc } from "../schema/integrations.ts";
import type { StorageRegion } from "../schema/pack.ts";
import type { EventBufferRpc, MetricSeriesRpc, QuotaLeaseRpc, TenantLiveRpc } from "../schema/rpc.ts";
import { type Env, readConfig } from "../workers/shared/env.ts";

/** What decides where an org's objects live. */
export interface TenantRef {
  orgId: string;
  /** The jurisdiction of an eu tenant, the primary region of a global one. */
  jurisdiction: StorageRegion;
}

function stub(env: Env, namespace: DurableObjectNamespace, tenant: TenantRef, name: string): DurableObjectStub {
  const enforced = readConfig(env).jurisdictions === "enforced";
  if (tenant.jurisdiction === "us") return namespace.getByName(name);
  return enforced ? namespace.jurisdiction("eu").getByName(name) : namespace.getByName(`eu/${name}`);
}

/** The org's live object. */
export function tenantLive(env: Env, tenant: TenantRef): TenantLiveRpc & Pick<Fetcher, "fetch"> {
  return stub(env, env.TENANT_LIVE, tenant, tenant.orgId) as unknown as TenantLiveRpc & Pick<Fetcher, "fetch">;
}

/** One of the org's event buffers (EU tenants); `shard` counts from 0. */
export function eventBuffer(env: Env, tenant: TenantRef, shard: number): EventBufferRpc {
  return stub(env, env.EVENT_BUFFER, tenant, `${tenant.orgId}/${shard}`) as unknown as EventBufferRpc;
}

/** The org's quota and usage object. */
export function quotaLease(env: Env, tenant: TenantRef): QuotaLeaseRpc {
  return stub(env, env.QUOTA_LEASE, tenant, tenant.orgId) as unknown as QuotaLeaseRpc;
}

/** What the org's cumulative metrics have counted so far. */
export function metricSeries(env: Env, tenant: TenantRef): MetricSeriesRpc {
  return stub(env, env.METRIC_SERIES, tenant, tenant.orgId) as unknown as MetricSeriesRpc;
}

/** What the org's agents have sent, by agent. */
export function integrationStats(env: Env, tenant: TenantRef): IntegrationStatsRpc {
  return stub(env, env.INTEGRATION_STATS, tenant, tenant.orgId) as unknown as IntegrationStatsRpc;
}
