/**
 * The worker under test: the real EventBuffer with the tests' clock and a bucket that can fail, and a TenantLive that
 * records what it is given.
 */
import { DurableObject } from "cloudflare:workers";
import { EventBuffer as RealEventBuffer } from "../../../durable-objects/event-buffer.ts";
import type { ApplyRequest, ApplyResult } from "../../../schema/rpc.ts";
import type { Env } from "../../../workers/shared/env.ts";
import { tuning, world } from "./world.ts";

export class EventBuffer extends RealEventBuffer {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, { ...env, BUCKET_EU: failingBucket(env.BUCKET_EU) }, tuning());
  }
}

export class TenantLive extends DurableObject {
  async apply(request: ApplyRequest): Promise<ApplyResult> {
    await world.live();
    world.applies.push(request);
    const { unreadable, incomplete } = world;
    return { v: 1, applied: request.packs.length, duplicates: 0, late: 0, skewed: 0, unreadable, incomplete };
  }
}

function failingBucket(bucket: R2Bucket): R2Bucket {
  return new Proxy(bucket, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      return async (...args: unknown[]) => {
        if (name === "put") await world.bucketPut(String(args[0]));
        return await Reflect.apply(method, target, args);
      };
    },
  });
}

export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler;
