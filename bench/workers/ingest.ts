/** The ingest bench's Worker: the full accept path and, beside it, what a handler does that stops earlier. */
import { PLAN_DEFAULTS } from "../../schema/api/settings.ts";
import { RPC_VERSION } from "../../schema/rpc.ts";
import { createIngestApp } from "../../workers/ingest/app.ts";
import type { Env } from "../../workers/shared/env.ts";
import { hashKey } from "../../workers/shared/ingest-key.ts";
import { NO_LIMITS } from "../../workers/shared/key-details.ts";
import { QuotaGate } from "../../workers/shared/quota.ts";
import { NO_POLICIES } from "../../workers/shared/tenant-policies.ts";
import type { TenantRecord } from "../../workers/shared/tenants.ts";

interface BenchEnv extends Env {
  BENCH_KEY: string;
}

/** D1 answers once a minute in production and is not what is measured: the record is ready here. */
function record(key: string): TenantRecord {
  return {
    orgId: "org_bench",
    residency: "us",
    jurisdiction: "us",
    region: "us",
    suspended: false,
    ...PLAN_DEFAULTS.enterprise,
    queueShards: 1,
    bufferShards: 1,
    secretHash: hashKey(key),
    expiresAt: undefined,
    revoked: false,
    limits: NO_LIMITS,
    teamOfUser: new Map(),
    policies: NO_POLICIES,
  };
}

/** Priority notices are two calls a second at most, so not measured; here they go nowhere. */
const NO_LIVE = { getByName: () => ({ notify: async () => undefined }) } as unknown as DurableObjectNamespace;

/** Counts of agents are told every few seconds, beside requests. */
const NO_STATS = { getByName: () => ({ add: async () => undefined }) } as unknown as DurableObjectNamespace;

/** One lease a second and tenant in production; the gate's own work is measured, its object is not. */
const gate = new QuotaGate("events", {
  lease: async () => ({ v: RPC_VERSION, granted: 1e9, level: 1e9, isolates: 1, retry_ms: 0, reason: null }),
});

let bindings: BenchEnv | undefined;
let tenant: TenantRecord | undefined;
const app = createIngestApp(
  (env) => ({
    get: async () => {
      tenant ??= record((env as BenchEnv).BENCH_KEY);
      return tenant;
    },
  }),
  gate,
);

export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    switch (pathname) {
      case "/empty":
        return new Response("ok");
      case "/arrayBuffer":
        await request.arrayBuffer();
        return new Response("ok");
      case "/json":
        await request.json();
        return new Response("ok");
      default:
        bindings ??= { ...env, TENANT_LIVE: NO_LIVE, INTEGRATION_STATS: NO_STATS };
        return app.fetch(request, bindings, ctx);
    }
  },
} satisfies ExportedHandler<BenchEnv>;
