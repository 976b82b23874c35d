/**
 * The ingest app: what agents talk to. A complete Hono app; workers/index.ts mounts it.
 * Thin: authentication, limits and answers are in the files beside it. Never answers 500 (OTLP clients drop data on it).
 */
import type { Context, Hono } from "hono";
import { PublicError } from "../../schema/errors.ts";
import { MAX_BODY_BYTES, MAX_IDEMPOTENCY_KEY_LENGTH } from "../../schema/limits.ts";
import { needs } from "../shared/authorize.ts";
import type { Env } from "../shared/env.ts";
import { type AppEnv, createApp, json } from "../shared/http.ts";
import { QuotaGate } from "../shared/quota.ts";
import { showRateLimit } from "../shared/rate-limit.ts";
import { type TenantCache, tenantCache } from "../shared/tenants.ts";
import { acceptEvents } from "./accept-events.ts";
import { Admission, type Counted } from "./admit.ts";
import { authenticateKey, KnownKeys, keySources } from "./authenticate.ts";
import { corsOfKey, preflight } from "./browsers.ts";
import { createDeliveryState } from "./deliver.ts";
import { NoticeGate, noticesOf } from "./notices.ts";
import { acceptOtlp } from "./otlp/accept.ts";
import { IntegrationCounter } from "./otlp/integration-counter.ts";
import { type OtlpDoor, otherMethod as otherOtlpMethod, postOtlp, SIGNALS } from "./otlp/route.ts";
import { OTLP_STEPS } from "./otlp/steps.ts";
import { BodyBudget, withBody } from "./read-body.ts";

/** JSON in its names, and what `curl -d` and `sendBeacon` say when nobody tells them. */
const CONTENT_TYPE =
  /^(application\/(json|x-ndjson|ndjson|jsonl|x-jsonlines|x-www-form-urlencoded|[\w.-]+\+json)|text\/(plain|json))\b/i;

/** Location code of the data centre that took the request; "local" where there is none. */
function regionOf(request: Request): string {
  const colo = (request.cf as { colo?: unknown } | undefined)?.colo;
  return typeof colo === "string" ? colo.toLowerCase() : "local";
}

function idempotencyKey(c: Context<AppEnv>): string | undefined {
  const key = c.req.header("idempotency-key");
  if (key !== undefined && key.length > MAX_IDEMPOTENCY_KEY_LENGTH) {
    throw new PublicError("invalid_request", `Idempotency-Key has at most ${MAX_IDEMPOTENCY_KEY_LENGTH} characters`);
  }
  return key;
}

/**
 * Builds the app with the state one isolate keeps: bodies in flight, queue gauges, recent packs, leases. `tenantsOf`: where keys
 * are looked up; `gate`: what holds tenants to their quota; `integrations`: what counts their agents' records.
 */
export function createIngestApp(
  tenantsOf: (env: Env) => Pick<TenantCache, "get"> = tenantCache,
  gate: QuotaGate = new QuotaGate("events"),
  integrations: IntegrationCounter = new IntegrationCounter(),
): Hono<AppEnv> {
  const app = createApp("ingest", "unavailable");
  const admission = new Admission(gate);
  app.use(corsOfKey);
  app.use(showRateLimit);
  const budget = new BodyBudget();
  const state = createDeliveryState();
  const notices = new NoticeGate();
  const keys = new KnownKeys();

  /** Every route's first steps: the tenant of the request's key, and what its body is then charged to. */
  const enter = async (c: Context<AppEnv>) => {
    const receivedAt = Date.now();
    admission.shieldAddress(c, receivedAt);
    const sources = keySources(c);
    const tenant = await authenticateKey(c.env, tenantsOf(c.env), keys, c.executionCtx, sources, receivedAt);
    if (sources.origin !== undefined) c.set("allowedOrigin", sources.origin);
    admission.atDoor(c, tenant, Date.now());
    const charge = (counted: Counted) => admission.charge(c, tenant, counted);
    return { tenant, receivedAt, region: regionOf(c.req.raw), charge };
  };

  const postEvents = async (c: Context<AppEnv>): Promise<Response> => {
    const entered = await enter(c);
    const { tenant, receivedAt } = entered;
    const contentType = c.req.header("content-type");
    if (contentType !== undefined && !CONTENT_TYPE.test(contentType)) {
      throw new PublicError("unsupported_media_type", "content-type must be application/json or application/x-ndjson");
    }
    const key = idempotencyKey(c);
    const source = {
      stream: c.req.raw.body,
      contentLength: c.req.header("content-length"),
      contentEncoding: c.req.header("content-encoding"),
    };
    const { answer, events } = await withBody(source, MAX_BODY_BYTES, budget, (body) =>
      acceptEvents(c.env, c.executionCtx, state, { ...entered, body, contentType, idempotencyKey: key }),
    );
    const high = c.req.header("x-priority")?.toLowerCase() === "high";
    notices.offer(c.env, c.executionCtx, tenant, noticesOf(events, high, receivedAt), receivedAt);
    return json(answer, 202);
  };
  const otherMethod = (c: Context<AppEnv>): Response => {
    const answer = preflight(c);
    if (answer !== undefined) return answer;
    throw new PublicError("method_not_allowed", "this path takes POST");
  };

  const byKey = needs({ credential: "ingest key" }, postEvents);
  const noKey = needs({ public: "a preflight carries no key; every other method is refused" }, otherMethod);
  for (const path of ["/v1/events", "/i/:key/v1/events"]) app.post(path, byKey).all(path, noKey);

  const door: OtlpDoor = {
    budget,
    enter,
    accept: async (c, request) => {
      const result = await acceptOtlp(c.env, c.executionCtx, state, OTLP_STEPS, request);
      const { tenant, receivedAt } = request;
      notices.offer(c.env, c.executionCtx, tenant, noticesOf(result.notable, false, receivedAt), receivedAt);
      integrations.count(c.env, c.executionCtx, tenant, result.parts, result.refused.records, receivedAt);
      return result;
    },
  };
  const otherOtlp = needs(
    { public: "a preflight carries no key; every other method is refused" },
    otherOtlpMethod(preflight),
  );
  for (const signal of SIGNALS) {
    const post = needs({ credential: "ingest key" }, postOtlp(signal, door));
    for (const path of [`/v1/${signal}`, `/i/:key/v1/${signal}`]) app.post(path, post).all(path, otherOtlp);
  }
  return app;
}
