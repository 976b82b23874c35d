/**
 * The Worker: routes to the apps, exports the Durable Objects, queue() and scheduled(). Wiring only.
 * Apps of people (api, realtime, operator) are loaded on first use, so that ingest and queues start without them.
 */
import type { Hono } from "hono";
import { consume } from "../queues/consumer.ts";
import { rebuildStale } from "../queues/live-rebuild.ts";
import { PublicError } from "../schema/errors.ts";
import { startRollups } from "../workflows/rollup/start.ts";
import { createIngestApp } from "./ingest/app.ts";
import { type Env, readConfig } from "./shared/env.ts";
import { type AppEnv, errorResponse } from "./shared/http.ts";
import { errorText, log } from "./shared/log.ts";
import { isLoopback } from "./shared/loopback.ts";
import { replaySpill } from "./shared/replay.ts";
import { setSafetyHeaders } from "./shared/security-headers.ts";

export { EventBuffer } from "../durable-objects/event-buffer.ts";
export { IntegrationStats } from "../durable-objects/integration-stats.ts";
export { MetricSeries } from "../durable-objects/metric-series.ts";
export { QuotaLease } from "../durable-objects/quota-lease.ts";
export { TenantLive } from "../durable-objects/tenant-live.ts";
export { RollupWorkflow } from "../workflows/rollup.ts";

const ingest = createIngestApp();
const loaded = new Map<string, Promise<Hono<AppEnv>>>();

function once(name: string, load: () => Promise<Hono<AppEnv>>): Promise<Hono<AppEnv>> {
  let app = loaded.get(name);
  if (app === undefined) {
    app = load();
    loaded.set(name, app);
  }
  return app;
}

async function appFor(path: string): Promise<Hono<AppEnv> | undefined> {
  if (path.startsWith("/v1/") || path.startsWith("/i/")) return ingest;
  if (path === "/api/v1/live" || path.startsWith("/api/v1/live/")) {
    return once("realtime", async () => (await import("./realtime/app.ts")).createRealtimeApp());
  }
  if (path.startsWith("/api/")) return once("api", async () => (await import("./api/app.ts")).createApiApp());
  if (path.startsWith("/operator/")) {
    return once("operator", async () => (await import("./operator/app.ts")).createOperatorApp());
  }
  return undefined;
}

const refusal = (error: PublicError): Response => errorResponse(crypto.randomUUID(), error);

/** An emulated Worker keeps EU data in plain objects, so it answers nobody but the machine it runs on. */
function refuseStranger(env: Env, url: URL): Response | undefined {
  if (readConfig(env).jurisdictions === "enforced" || isLoopback(url.hostname)) return undefined;
  const message = "jurisdictions are emulated here; this Worker answers loopback only";
  return refusal(new PublicError("unavailable", message));
}

/** An answer that no app made, with the headers that apps give theirs. */
function bare(request: Request, response: Response): Response {
  setSafetyHeaders(response.headers, request.url);
  return response;
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    try {
      const stranger = refuseStranger(env, url);
      if (stranger !== undefined) return bare(request, stranger);
    } catch (error) {
      log.error("misconfigured", { cause: errorText(error) });
      const unavailable = new PublicError("unavailable", "the service is not configured", { retryAfter: 60 });
      return bare(request, refusal(unavailable));
    }
    if (url.pathname === "/healthz") return bare(request, new Response("ok\n"));
    const app = await appFor(url.pathname);
    if (app !== undefined) return app.fetch(request, env, ctx);
    const nothing = new PublicError("not_found", "there is nothing at this path");
    return env.ASSETS?.fetch(request) ?? bare(request, refusal(nothing));
  },

  async queue(batch, env) {
    await consume(batch, env);
  },

  async scheduled(controller, env) {
    const page = await replaySpill(env, controller.scheduledTime);
    if (page.objects > 0) log.info("spill_replayed", { packs: page.packs, failed: page.failed });
    const rebuilt = await rebuildStale(env, controller.scheduledTime);
    if (rebuilt > 0) log.info("live_rebuilt", { tenants: rebuilt });
    const runs = await startRollups(env, controller.scheduledTime);
    if (runs.length > 0) log.info("rollups_started", { ids: runs.join() });
    const { isSealTime, sealReceipts } = await import("./shared/receipt-subjects.ts");
    if (isSealTime(controller.scheduledTime)) {
      const sealed = await sealReceipts(env, controller.scheduledTime);
      log.info("receipts_sealed", { receipts: sealed });
    }
  },
} satisfies ExportedHandler<Env>;
