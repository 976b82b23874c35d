/**
 * Frames of a batch to the live objects: one RPC per tenant, an outcome per org. Called by queues/events.ts beside the insert.
 * A tenant whose object keeps failing is marked stale and no longer holds its packs back: ClickHouse has them, and
 * live-rebuild.ts brings the object up to date. Never throws.
 */
import { type TenantRef, tenantLive } from "../durable-objects/tenant-namespace.ts";
import { MINUTE_MS, SECOND_MS } from "../schema/limits.ts";
import type { Pack, PackHeader } from "../schema/pack.ts";
import { type ApplyRequest, type ApplyResult, RPC_VERSION } from "../schema/rpc.ts";
import type { Env } from "../workers/shared/env.ts";
import { errorText, log } from "../workers/shared/log.ts";
import { liveHome, markStale } from "./live-stale.ts";
import { OK, type Outcome } from "./outcome.ts";

/** Failures in a row after which a tenant is marked stale. */
export const MAX_APPLY_FAILURES = 3;
/** One apply may take this long; a healthy one takes milliseconds. */
const APPLY_TIMEOUT_MS = 20 * SECOND_MS;
/** A mark covers packs of this long after it; live-stale.ts says why it is safe. */
const MARK_EVERY_MS = 15 * SECOND_MS;
/** Tenants remembered by one isolate; the oldest are forgotten, which costs a retry. */
const MAX_REMEMBERED = 10_000;

/** What applying does to the world. */
export interface ApplySinks {
  /** Where the org's live object is. Rejects when that cannot be told now. */
  homeOf(header: PackHeader): Promise<TenantRef>;
  apply(tenant: TenantRef, request: ApplyRequest): Promise<ApplyResult>;
  /** Durably notes that the object misses events of now. */
  markStale(tenant: TenantRef, header: PackHeader): Promise<void>;
  now(): number;
}

/** What one isolate remembers between batches. */
export class ApplyMemory {
  readonly failures = new Map<string, number>();
  readonly markedAt = new Map<string, number>();
}

/** Applies packs; an outcome per org_id. */
export async function applyPacks(
  packs: readonly Pack[],
  sinks: ApplySinks,
  memory: ApplyMemory,
): Promise<Map<string, Outcome>> {
  const byOrg = new Map<string, Pack[]>();
  for (const pack of packs) {
    const known = byOrg.get(pack.header.org_id);
    if (known === undefined) byOrg.set(pack.header.org_id, [pack]);
    else known.push(pack);
  }
  const outcomes = await Promise.all(
    [...byOrg].map(async ([orgId, mine]) => [orgId, await applyTenant(orgId, mine, sinks, memory)] as const),
  );
  return new Map(outcomes);
}

async function applyTenant(
  orgId: string,
  packs: readonly Pack[],
  sinks: ApplySinks,
  memory: ApplyMemory,
): Promise<Outcome> {
  const [first] = packs;
  if (first === undefined) return OK;
  try {
    const tenant = await sinks.homeOf(first.header);
    const missing = await applied(tenant, requestOf(orgId, packs), sinks);
    if (missing === undefined) memory.failures.delete(orgId);
    else {
      const failures = (memory.failures.get(orgId) ?? 0) + 1;
      remember(memory.failures, orgId, failures);
      if (missing.retry && failures < MAX_APPLY_FAILURES) return { kind: "retry", reason: missing.reason };
      await mark(tenant, first.header, sinks, memory, missing.reason);
    }
    return OK;
  } catch (error) {
    return { kind: "retry", reason: errorText(error) };
  }
}

/** Undefined when the object has everything now; else why not, and whether trying again may help. */
async function applied(
  tenant: TenantRef,
  request: ApplyRequest,
  sinks: ApplySinks,
): Promise<{ reason: string; retry: boolean } | undefined> {
  try {
    const { unreadable = 0, incomplete = false } = await inTime(sinks.apply(tenant, request));
    if (unreadable > 0) return { reason: `${unreadable} frames could not be read`, retry: false };
    return incomplete ? { reason: "the live object started afresh", retry: false } : undefined;
  } catch (error) {
    return { reason: errorText(error), retry: true };
  }
}

async function mark(
  tenant: TenantRef,
  header: PackHeader,
  sinks: ApplySinks,
  memory: ApplyMemory,
  reason: string,
): Promise<void> {
  const now = sinks.now();
  if (now - (memory.markedAt.get(tenant.orgId) ?? 0) < MARK_EVERY_MS) return;
  await sinks.markStale(tenant, header);
  remember(memory.markedAt, tenant.orgId, now);
  log.warn("live_stale", { org_id: tenant.orgId, cause: reason });
}

function requestOf(orgId: string, packs: readonly Pack[]): ApplyRequest {
  return {
    v: RPC_VERSION,
    org_id: orgId,
    packs: packs.map(({ header, frame }) => ({ pack_id: header.pack_id, received_at: header.received_at, frame })),
    ...(packs[0] === undefined ? {} : { residency: packs[0].header.residency }),
  };
}

function remember(map: Map<string, number>, key: string, value: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= MAX_REMEMBERED) break;
    map.delete(oldest);
  }
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${APPLY_TIMEOUT_MS} ms`)), APPLY_TIMEOUT_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const memories = new WeakMap<Env, ApplyMemory>();
const homes = new WeakMap<Env, Map<string, { tenant: TenantRef; at: number }>>();
/** Where an org's object is never changes while it has one; a new look now and then costs nothing. */
const HOME_MAX_AGE_MS = 10 * MINUTE_MS;

/** The apply sink of the consumer over the real bindings. */
export function liveApply(env: Env): (packs: readonly Pack[]) => Promise<ReadonlyMap<string, Outcome>> {
  const memory = memories.get(env) ?? new ApplyMemory();
  memories.set(env, memory);
  const known = homes.get(env) ?? new Map<string, { tenant: TenantRef; at: number }>();
  homes.set(env, known);
  const sinks: ApplySinks = {
    homeOf: async (header) => {
      const home = known.get(header.org_id);
      if (home !== undefined && Date.now() - home.at < HOME_MAX_AGE_MS) return home.tenant;
      const tenant = await liveHome(env, header);
      if (known.size >= MAX_REMEMBERED) known.clear();
      known.set(header.org_id, { tenant, at: Date.now() });
      return tenant;
    },
    apply: (tenant, request) => tenantLive(env, tenant).apply(request),
    markStale: (tenant, header) => markStale(env, tenant, header.residency, Date.now()),
    now: Date.now,
  };
  return (packs) => applyPacks(packs, sinks, memory);
}
