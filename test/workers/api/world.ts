/** A world for the API tests: tenants and people in D1, events in ClickHouse, signing keys, and ways to ask. */
import { env as bindings, createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { drizzle } from "drizzle-orm/d1";
import { exportJWK, generateKeyPair } from "jose";
import { inject } from "vitest";
import type { Principal, Role } from "../../../schema/access.ts";
import { identities, memberships, orgs, teams, users } from "../../../schema/d1/config.ts";
import type { Residency, StorageRegion } from "../../../schema/pack.ts";
import { ApiAdmission } from "../../../workers/api/admit.ts";
import { createApiApp } from "../../../workers/api/app.ts";
import { mintAccessToken } from "../../../workers/shared/access-token.ts";
import { type Env, readConfig } from "../../../workers/shared/env.ts";
import { hashPassword } from "../../../workers/shared/password.ts";
import { QuotaGate } from "../../../workers/shared/quota.ts";

export const PASSWORD = "correct horse battery staple";
export const ORIGIN = "http://127.0.0.1:8787";

const migrations = import.meta.glob<string>("../../../schema/d1/migrations/config/*.sql", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** A private signing key as JWT_PRIVATE_KEY holds it. */
export async function signingKey(kid: string): Promise<Record<string, unknown>> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}

/** Bindings with their own configuration; a new object, so that nothing is remembered from another. */
export async function makeEnv(overrides: Partial<Env> = {}): Promise<Env> {
  const url = inject("clickHouseUrl");
  return {
    ...(bindings as unknown as Env),
    JWT_PRIVATE_KEY: JSON.stringify({ keys: [await signingKey("us-test"), await signingKey("eu-test")] }),
    CLICKHOUSE_US_URL: url,
    CLICKHOUSE_EU_URL: url,
    ...overrides,
  };
}

export interface SeededOrg {
  orgId: string;
  residency: Residency;
  jurisdiction: StorageRegion;
  database: D1Database;
}

let passwordHash: Promise<string> | undefined;

export class World {
  readonly env: Env;
  /** Usage is told at once: nothing here waits for the second after which an isolate does it. */
  readonly app = createApiApp(new ApiAdmission(new QuotaGate("api", { reportAfterMs: 0 })));
  constructor(env: Env) {
    this.env = env;
  }

  static async create(overrides: Partial<Env> = {}): Promise<World> {
    const world = new World(await makeEnv(overrides));
    passwordHash ??= hashPassword(PASSWORD);
    for (const database of [world.env.CONFIG_DB, world.env.CONFIG_DB_EU]) {
      if ((await database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'orgs'").first()) !== null) continue;
      for (const [, text] of Object.entries(migrations).sort()) {
        for (const statement of text.split("--> statement-breakpoint")) await database.prepare(statement).run();
      }
    }
    return world;
  }

  async org(
    orgId: string,
    residency: Residency,
    options: { suspended?: boolean; primaryRegion?: StorageRegion } = {},
  ): Promise<SeededOrg> {
    const database = residency === "eu" ? this.env.CONFIG_DB_EU : this.env.CONFIG_DB;
    const now = new Date();
    const primaryRegion = options.primaryRegion ?? (residency === "eu" ? "eu" : "us");
    await drizzle(database)
      .insert(orgs)
      .values({
        orgId,
        name: `Name of ${orgId}`,
        slug: orgId,
        residency,
        primaryRegion,
        suspendedAt: options.suspended === true ? now : null,
        createdAt: now,
        updatedAt: now,
      });
    return { orgId, residency, jurisdiction: primaryRegion, database };
  }

  async team(org: SeededOrg, teamId: string): Promise<void> {
    await drizzle(org.database).insert(teams).values({ teamId, orgId: org.orgId, name: teamId });
  }

  /** A member who can sign in as `<userId>@example.com`; `eventUsers` are theirs. */
  async person(
    org: SeededOrg,
    userId: string,
    role: Role,
    options: { teamId?: string; eventUsers?: string[] } = {},
  ): Promise<Principal> {
    const db = drizzle(org.database);
    const hash = (await passwordHash) ?? "";
    const row = { userId, email: `${userId}@example.com`, name: userId, passwordHash: hash, createdAt: new Date() };
    await db.insert(users).values(row).onConflictDoNothing();
    const teamId = options.teamId ?? null;
    await db.insert(memberships).values({ orgId: org.orgId, userId, role, teamId });
    for (const eventUserId of options.eventUsers ?? []) {
      await db.insert(identities).values({ orgId: org.orgId, eventUserId, userId, how: "admin" });
    }
    return {
      user_id: userId,
      org_id: org.orgId,
      role,
      team_id: teamId,
      residency: org.residency,
      jurisdiction: org.jurisdiction,
    };
  }

  async token(principal: Principal, now = Date.now()): Promise<string> {
    return (await mintAccessToken(readConfig(this.env), principal, now)).token;
  }

  async fetch(path: string, init: RequestInit = {}, origin = ORIGIN): Promise<Response> {
    const context = createExecutionContext();
    const response = await this.app.fetch(new Request(`${origin}${path}`, init), this.env, context);
    await waitOnExecutionContext(context);
    return response;
  }

  /** A GET computed for this request: rows that a test has just inserted are in it. */
  async get(path: string, principal: Principal): Promise<Response> {
    const authorization = `Bearer ${await this.token(principal)}`;
    return await this.fetch(path, { headers: { authorization, "cache-control": "no-cache" } });
  }

  async signIn(body: unknown, headers: Record<string, string> = {}, origin = ORIGIN): Promise<Response> {
    return await this.fetch(
      "/api/auth/sign-in/email",
      {
        method: "POST",
        body: typeof body === "string" ? body : JSON.stringify(body),
        headers: { "content-type": "application/json", ...headers },
      },
      origin,
    );
  }

  /** Rows as ingest writes them, into one region's events. */
  async insert(region: StorageRegion, rows: readonly EventInput[]): Promise<void> {
    const url = new URL(inject("clickHouseUrl"));
    url.searchParams.set("database", region);
    url.searchParams.set("query", "INSERT INTO events FORMAT JSONEachRow");
    url.searchParams.set("date_time_input_format", "best_effort");
    const response = await fetch(url, {
      method: "POST",
      body: rows.map((row) => JSON.stringify(eventRow(row))).join("\n"),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
  }
}

export interface EventInput {
  org_id: string;
  event_type: string;
  timestamp: string;
  event_id?: string;
  user_id?: string;
  session_id?: string;
  revision?: number;
  [column: string]: unknown;
}

function eventRow({ revision = 0, ...row }: EventInput): Record<string, unknown> {
  const receivedAt = Date.parse(row.timestamp);
  return {
    event_id: crypto.randomUUID(),
    user_id: "user-1",
    session_id: "session-1",
    received_at: row.timestamp,
    _ver: String(BigInt(revision) * 2n ** 48n + (2n ** 48n - 1n - BigInt(receivedAt))),
    ...row,
  };
}

/** The cookie of a sign-in, as a browser sends it back. */
export function cookieOf(response: Response): string {
  return (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
}

export interface ErrorAnswer {
  error: { code: string; message: string; request_id: string; details?: { path: string; message: string }[] };
}
