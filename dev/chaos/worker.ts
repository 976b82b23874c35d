/**
 * The shipped Worker with its bindings wrapped: the same routes, objects, queue and cron, plus a control route that sets
 * faults and tells which bindings were called. Built by build.ts for the fault harness and the e2e tests.
 * Never deployed: wrangler.toml knows nothing of it, and it refuses to run where jurisdictions are enforced.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { EventBuffer as ShippedEventBuffer } from "../../durable-objects/event-buffer.ts";
import { QuotaLease as ShippedQuotaLease } from "../../durable-objects/quota-lease.ts";
import { TenantLive as ShippedTenantLive } from "../../durable-objects/tenant-live.ts";
import shipped from "../../workers/index.ts";
import type { Env } from "../../workers/shared/env.ts";
import { CONTROL_PATH, OWED, WorkerFaultsSchema } from "./control.ts";
import { count, createHarness, wrapEnv } from "./wrapped-env.ts";

// Every class that is bound; those below stand in for the two that reach other bindings.
export * from "../../workers/index.ts";

const harness = createHarness();

/** Clock offset of the request at hand, ms. */
const skew = new AsyncLocalStorage<number>();
const now = Date.now;
Date.now = () => now() + (skew.getStore() ?? 0);

const realFetch = globalThis.fetch;
globalThis.fetch = (input, init) => {
  const url = new URL(input instanceof Request ? input.url : String(input));
  // The rollups' own statements are told by the setting that only they have: they are of all tenants, and carry nobody's events.
  const who = url.searchParams.has("allow_nondeterministic_mutations") ? " rollups" : "";
  count(harness, `fetch ${url.host} ${url.searchParams.get("database") ?? ""}${who}`);
  return realFetch(input, init);
};
for (const method of ["match", "put", "delete"] as const) {
  const real = Cache.prototype[method];
  Cache.prototype[method] = function (this: Cache, ...args: unknown[]) {
    count(harness, `cache.${method}`);
    return Reflect.apply(real, this, args);
  };
}

export class TenantLive extends ShippedTenantLive {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, wrapEnv(harness, env));
  }

  /** Ends this instance where it stands: memory is gone, storage stays. */
  async abortOnPurpose(): Promise<void> {
    this.ctx.abort("aborted on purpose");
  }
}

export class EventBuffer extends ShippedEventBuffer {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, wrapEnv(harness, env));
  }

  async abortOnPurpose(): Promise<void> {
    this.ctx.abort("aborted on purpose");
  }
}

export class QuotaLease extends ShippedQuotaLease {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, wrapEnv(harness, env));
  }

  async abortOnPurpose(): Promise<void> {
    this.ctx.abort("aborted on purpose");
  }
}

const bytesOf = (body: unknown): Uint8Array =>
  body instanceof Uint8Array ? body : new Uint8Array(body instanceof ArrayBuffer ? body : new ArrayBuffer(0));

/** The batch, whose acknowledged packs are no longer owed. */
function countingAcks(batch: MessageBatch<unknown>): MessageBatch<unknown> {
  const messages = batch.messages.map((message) => {
    const ack = (): void => {
      harness.owed.acknowledged(bytesOf(message.body));
      message.ack();
    };
    const { id, timestamp, body, attempts } = message;
    return { id, timestamp, body, attempts, ack, retry: (options?: QueueRetryOptions) => message.retry(options) };
  });
  const { queue, metadata } = batch;
  return { queue, metadata, messages, ackAll: () => batch.ackAll(), retryAll: (options) => batch.retryAll(options) };
}

/** Every object that was called so far; an abort answers with its own error. */
async function abortObjects(): Promise<void> {
  const stubs = [...harness.objects.values()].map((open) => open() as Pick<TenantLive, "abortOnPurpose">);
  await Promise.allSettled(stubs.map((stub) => stub.abortOnPurpose()));
}

/** GET: calls and what is owed. POST: sets faults. DELETE: aborts every object. */
async function control(request: Request): Promise<Response> {
  if (request.method === "POST") harness.faults = WorkerFaultsSchema.parse(await request.json());
  if (request.method === "DELETE") await abortObjects();
  const owed = harness.owed.count;
  return Response.json({ ...harness.calls, ...(owed > 0 ? { [OWED]: owed } : {}) });
}

export default {
  async fetch(request, env, ctx) {
    if (env.JURISDICTIONS !== "emulated")
      return new Response("the fault harness is not for deployment", { status: 503 });
    const { pathname } = new URL(request.url);
    if (pathname === CONTROL_PATH) return await control(request);
    const offset = pathname.startsWith("/v1/") ? harness.faults.skewMs : 0;
    return await skew.run(offset, () => shipped.fetch(request, wrapEnv(harness, env), ctx));
  },
  queue: (batch, env) => shipped.queue(countingAcks(batch), wrapEnv(harness, env)),
  scheduled: (controller, env) => shipped.scheduled(controller, wrapEnv(harness, env)),
} satisfies ExportedHandler<Env>;
