/**
 * The realtime app: WebSocket, SSE, tickets and snapshots of a tenant's live object. Mounted by workers/index.ts under
 * /api/v1/live. Decides who asks and what rows they may see; the object enforces it. Never reads ClickHouse or a body.
 */
import type { Context } from "hono";
import { z } from "zod";
import type { Permission, Principal, RowScope } from "../../schema/access.ts";
import { PublicError } from "../../schema/errors.ts";
import { LIVE_FILTERS, type LiveFilter, LiveFilterSchema } from "../../schema/live.ts";
import type { SocketGrant } from "../../schema/rpc.ts";
import { homeJurisdiction } from "../shared/access-token.ts";
import { authenticate, resolveRowScope } from "../shared/auth.ts";
import { needs } from "../shared/authorize.ts";
import { type Env, readConfig } from "../shared/env.ts";
import { type AppEnv, createApp, json } from "../shared/http.ts";
import { tenantConfig } from "../shared/tenant-config.ts";
import { call, grantOf, refOf, upgrade } from "./live-object.ts";
import { sseStream } from "./sse.ts";
import { openTicket, sealTicket } from "./tickets.ts";

type Live = Context<AppEnv>;

/** How people are told apart; tests pass their own. */
export interface Access {
  authenticate(c: Live): Promise<Principal>;
  resolveRowScope(env: Env, principal: Principal, permission: Permission): Promise<RowScope>;
  /** Refuses (PublicError) an org that has no live data; absent: every org has. */
  requireLive?(c: Live, principal: Principal): Promise<void>;
}

const NO_STORE = { "cache-control": "no-store" };
const STREAM = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-accel-buffering": "no",
};

/** What every route here needs. */
const PERMISSION = "live:read";

/** Query parameters besides the filters. */
const OTHER_PARAMETERS: ReadonlySet<string> = new Set(["org", "ticket", "since"]);

/** The app with its routes. */
export function createRealtimeApp(access: Access = { authenticate, resolveRowScope, requireLive }) {
  const app = createApp("realtime", "internal");

  const socket = async (c: Live): Promise<Response> => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") {
      throw new PublicError(
        "invalid_request",
        "this path takes a WebSocket upgrade; /api/v1/live/sse is the same over HTTP",
      );
    }
    const filter = readFilter(c);
    const since = c.req.query("since");
    const ticket = c.req.query("ticket");
    if (ticket !== undefined) {
      const parts = openTicket(readConfig(c.env).keyTagSecret, ticket);
      if (parts === undefined) throw new PublicError("unauthorized", "the ticket is not ours");
      return passOn(await upgrade(c.env, parts, parts.secret, filter, since));
    }
    const { tenant, secret } = await admitted(c, access);
    return passOn(await upgrade(c.env, tenant, secret, filter, since));
  };

  const sse = async (c: Live): Promise<Response> => {
    const filter = readFilter(c);
    const { tenant, secret } = await admitted(c, access);
    const since = c.req.header("last-event-id") ?? c.req.query("since");
    const { webSocket } = await upgrade(c.env, tenant, secret, filter, since);
    if (webSocket === null) throw new PublicError("unavailable", "live data is not available, please retry");
    return new Response(sseStream(webSocket), { headers: STREAM });
  };

  const ticket = async (c: Live): Promise<Response> => {
    const { tenant, secret, expiresAt } = await admitted(c, access);
    const text = sealTicket(readConfig(c.env).keyTagSecret, { ...tenant, secret });
    return json({ ticket: text, expires_at: expiresAt }, 200, NO_STORE);
  };

  const snapshot = async (c: Live): Promise<Response> => {
    const filter = readFilter(c);
    const { principal, grant } = await granted(c, access);
    return json(await call(c.env, refOf(principal), (live) => live.snapshot(grant, filter)), 200, NO_STORE);
  };

  app.get("/api/v1/live", needs({ permission: PERMISSION }, socket));
  app.get("/api/v1/live/sse", needs({ permission: PERMISSION }, sse));
  app.post("/api/v1/live/ticket", needs({ permission: PERMISSION }, ticket));
  app.get("/api/v1/live/snapshot", needs({ permission: PERMISSION }, snapshot));
  return app;
}

async function granted(c: Live, access: Access): Promise<{ principal: Principal; grant: SocketGrant }> {
  const principal = await access.authenticate(c);
  const rows = await access.resolveRowScope(c.env, principal, PERMISSION);
  await access.requireLive?.(c, principal);
  return { principal, grant: grantOf(principal, rows) };
}

/** 403 for an org whose configuration (at most 60 s old) has live data switched off, or that is suspended. */
async function requireLive(c: Live, principal: Principal): Promise<void> {
  const ref = { orgId: principal.org_id, home: homeJurisdiction(principal) };
  const config = await tenantConfig(c.env, ref, c.executionCtx);
  if (config.suspended) throw new PublicError("org_suspended", "this organisation is suspended");
  if (!config.features.real_time_enabled) {
    throw new PublicError("forbidden", "live data is switched off for this organisation");
  }
}

/** Authenticates and has the object make a ticket. The WebSocket, SSE and ticket routes all go this one way. */
async function admitted(c: Live, access: Access) {
  const { principal, grant } = await granted(c, access);
  const tenant = refOf(principal);
  const { ticket, expires_at } = await call(c.env, tenant, (live) => live.issueTicket(grant));
  return { tenant, secret: ticket, expiresAt: expires_at };
}

/** The filters of the query. Throws PublicError for what is no parameter of these routes. */
function readFilter(c: Live): LiveFilter {
  const query = c.req.query();
  const names: ReadonlySet<string> = new Set(LIVE_FILTERS);
  const unknown = Object.keys(query).filter((name) => !names.has(name) && !OTHER_PARAMETERS.has(name));
  if (unknown.length > 0) {
    throw new PublicError("invalid_request", "unknown query parameter", { details: unknown.slice(0, 10) });
  }
  const given = Object.fromEntries(Object.entries(query).filter(([name, value]) => names.has(name) && value !== ""));
  const filter = LiveFilterSchema.safeParse(given);
  if (filter.success) return filter.data;
  throw new PublicError("invalid_request", "a filter is not valid", {
    details: z.flattenError(filter.error).fieldErrors,
  });
}

/** A response of the object with its socket, but none of its headers. */
function passOn(response: Response): Response {
  return new Response(null, { status: 101, webSocket: response.webSocket });
}
