/** The API tests' world with the other apps beside it: ingest, realtime and operator, over the same bindings. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { asc, eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { Hono } from "hono";
import type { Principal } from "../../../schema/access.ts";
import type { Plan } from "../../../schema/api/settings.ts";
import { changeRecords, orgs } from "../../../schema/d1/config.ts";
import { ingestKeys, orgRoutes } from "../../../schema/d1/routing.ts";
import { createIngestApp } from "../../../workers/ingest/app.ts";
import { createOperatorApp } from "../../../workers/operator/app.ts";
import { createRealtimeApp } from "../../../workers/realtime/app.ts";
import type { Env } from "../../../workers/shared/env.ts";
import type { AppEnv } from "../../../workers/shared/http.ts";
import { type KeyJurisdiction, mintKey } from "../../../workers/shared/ingest-key.ts";
import { makeEnv, ORIGIN, type SeededOrg, World } from "../api/world.ts";

const routing = import.meta.glob<string>("../../../schema/d1/migrations/routing/*.sql", {
  query: "?raw",
  import: "default",
  eager: true,
});

export interface Ask {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

export class Settings extends World {
  readonly realtime = createRealtimeApp();
  readonly operator = createOperatorApp();
  readonly ingest: Hono<AppEnv> = createIngestApp();

  static async start(): Promise<Settings> {
    const world = await World.create();
    const { ROUTING_DB } = world.env;
    if ((await ROUTING_DB.prepare("SELECT 1 FROM sqlite_master WHERE name = 'org_routes'").first()) === null) {
      for (const [, text] of Object.entries(routing).sort()) {
        for (const statement of text.split("--> statement-breakpoint")) await ROUTING_DB.prepare(statement).run();
      }
    }
    return new Settings(world.env);
  }

  /** The same tenants and keys, in an isolate that remembers nothing. */
  async fresh(): Promise<Settings> {
    const { JWT_PRIVATE_KEY } = this.env;
    return new Settings(await makeEnv({ JWT_PRIVATE_KEY }));
  }

  /** An org that the operator knows too. */
  async routed(org: SeededOrg): Promise<SeededOrg> {
    const jurisdiction = org.residency === "eu" ? "eu" : "us";
    await drizzle(this.env.ROUTING_DB).insert(orgRoutes).values({ orgId: org.orgId, jurisdiction });
    return org;
  }

  async plan(org: SeededOrg, plan: Plan): Promise<void> {
    await drizzle(org.database).update(orgs).set({ plan }).where(eq(orgs.orgId, org.orgId));
  }

  /** A key as the tools make it: no name, no limits. */
  async bareKey(orgId: string, jurisdiction: KeyJurisdiction): Promise<{ key: string; keyId: string }> {
    const { key, keyId, keyClass, secretHash } = mintKey(this.env.KEY_TAG_SECRET, jurisdiction, "header");
    const row = { keyId, orgId, jurisdiction, keyClass, secretHash, createdAt: new Date() };
    await drizzle(this.env.ROUTING_DB).insert(ingestKeys).values(row);
    return { key, keyId };
  }

  async send(app: Hono<AppEnv>, path: string, ask: Ask = {}, env: Env = this.env): Promise<Response> {
    const context = createExecutionContext();
    const { method = "GET", body, headers = {} } = ask;
    const init: RequestInit = { method, headers };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
      init.headers = { "content-type": "application/json", ...headers };
    }
    const response = await app.fetch(new Request(`${ORIGIN}${path}`, init), env, context);
    await waitOnExecutionContext(context);
    return response;
  }

  /** Asks the API, or the live routes, as a person. */
  async as(principal: Principal, method: string, path: string, body?: unknown): Promise<Response> {
    const authorization = `Bearer ${await this.token(principal)}`;
    const app = path.startsWith("/api/v1/live") ? this.realtime : this.app;
    return await this.send(app, path, { method, body, headers: { authorization } });
  }

  /** Asks with a program's token. */
  async with(token: string, path: string, method = "GET", body?: unknown): Promise<Response> {
    const app = path.startsWith("/api/v1/live") ? this.realtime : this.app;
    return await this.send(app, path, { method, body, headers: { authorization: `Bearer ${token}` } });
  }

  async operate(method: string, path: string, body?: unknown): Promise<Response> {
    const authorization = `Bearer ${this.env.OPERATOR_TOKEN}`;
    return await this.send(this.operator, path, { method, body, headers: { authorization } });
  }

  /** Posts one event that is refused by itself: 202 says that the key is good, and nothing has to be stored. */
  async post(key: string, headers: Record<string, string> = {}, path = "/v1/events"): Promise<Response> {
    const authorization: Record<string, string> = path.startsWith("/i/") ? {} : { authorization: `Bearer ${key}` };
    return await this.send(this.ingest, path, {
      method: "POST",
      body: [{}],
      headers: { ...authorization, ...headers },
    });
  }

  /** Change records of an org, oldest first. */
  async records(org: SeededOrg): Promise<Record<string, unknown>[]> {
    const rows = await drizzle(org.database)
      .select()
      .from(changeRecords)
      .where(eq(changeRecords.orgId, org.orgId))
      .orderBy(asc(changeRecords.at), sql`rowid`);
    return rows.map(({ actor, action, target, before, after }) => ({
      actor,
      action,
      target,
      before: JSON.parse(before),
      after: JSON.parse(after),
    }));
  }
}

/** An answer's body. */
export async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  return await response.json<Record<string, unknown>>();
}
