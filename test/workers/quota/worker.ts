/** The Worker under test: the real QuotaLease with the tests' clock. The apps are made by the tests. */
import { QuotaLease as RealQuotaLease } from "../../../durable-objects/quota-lease.ts";
import type { Env } from "../../../workers/shared/env.ts";
import { world } from "./world.ts";

export class QuotaLease extends RealQuotaLease {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, { now: () => world.now(), flushMs: world.flushMs });
  }
}

export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler;
