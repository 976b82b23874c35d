/** A world for the ingest tests: three tenants in D1, queues that record or fail on purpose, and a way to post. */

import { env as bindings, createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { zstdDecompressSync } from "node:zlib";
import { drizzle } from "drizzle-orm/d1";
import { identities, memberships, orgs } from "../../../schema/d1/config.ts";
import { ingestKeys } from "../../../schema/d1/routing.ts";
import { readPack } from "../../../schema/pack.ts";
import { createIngestApp } from "../../../workers/ingest/app.ts";
import type { Env } from "../../../workers/shared/env.ts";
import { type KeyClass, type KeyJurisdiction, mintKey } from "../../../workers/shared/ingest-key.ts";

export const base = bindings as unknown as Env;

const migrations = import.meta.glob<string>("../../../schema/d1/migrations/*/*.sql", {
  query: "?raw",
  import: "default",
  eager: true,
});

async function migrate(database: D1Database, kind: string): Promise<void> {
  for (const [path, text] of Object.entries(migrations).sort()) {
    if (!path.includes(`/${kind}/`)) continue;
    for (const statement of text.split("--> statement-breakpoint")) await database.prepare(statement.trim()).run();
  }
}

export interface KeyOptions {
  jurisdiction?: KeyJurisdiction;
  keyClass?: KeyClass;
  orgId?: string;
  expiresAt?: Date;
  revokedAt?: Date;
}

/** A key of a seeded tenant, in the database. */
export async function makeKey(options: KeyOptions = {}): Promise<string> {
  const { jurisdiction = "us", keyClass = "header" } = options;
  const orgId = options.orgId ?? (jurisdiction === "eu" ? "org_eu" : jurisdiction === "us" ? "org_us" : "org_gl");
  const { key, keyId, secretHash } = mintKey(base.KEY_TAG_SECRET, jurisdiction, keyClass);
  const { expiresAt = null, revokedAt = null } = options;
  await drizzle(base.ROUTING_DB)
    .insert(ingestKeys)
    .values({ keyId, orgId, jurisdiction, keyClass, secretHash, createdAt: new Date(), expiresAt, revokedAt });
  return key;
}

async function makeOrg(
  database: D1Database,
  orgId: string,
  residency: "us" | "eu" | "global",
  suspended = false,
): Promise<void> {
  const now = new Date();
  const primaryRegion = residency === "eu" ? "eu" : "us";
  const row = { orgId, name: orgId, slug: orgId, residency, primaryRegion, createdAt: now, updatedAt: now } as const;
  await drizzle(database)
    .insert(orgs)
    .values({ ...row, suspendedAt: suspended ? now : null });
}

/** Tables and tenants; once per file. */
export async function setUp(): Promise<void> {
  await migrate(base.ROUTING_DB, "routing");
  for (const database of [base.CONFIG_DB, base.CONFIG_DB_EU]) await migrate(database, "config");
  await makeOrg(base.CONFIG_DB, "org_us", "us");
  await makeOrg(base.CONFIG_DB, "org_gl", "global");
  await makeOrg(base.CONFIG_DB, "org_off", "us", true);
  await makeOrg(base.CONFIG_DB_EU, "org_eu", "eu");
  await drizzle(base.CONFIG_DB)
    .insert(memberships)
    .values({ orgId: "org_us", userId: "m1", role: "user", teamId: "team-a" });
  await drizzle(base.CONFIG_DB)
    .insert(identities)
    .values({ orgId: "org_us", eventUserId: "ada", userId: "m1", how: "admin" });
}

/** Bindings whose queues record what they are sent, or fail. */
export class Sinks {
  readonly sent: { queue: string; bytes: Uint8Array }[] = [];
  failing = false;
  readonly env: Env;

  constructor(overrides: Partial<Env> = {}) {
    const queue = (name: string): Queue<Uint8Array> =>
      ({
        send: async (bytes: Uint8Array) => {
          // Takes the buffer over before it can fail, as workerd's does.
          const taken = new Uint8Array(structuredClone(bytes.buffer, { transfer: [bytes.buffer] }));
          if (this.failing) throw new Error("Too Many Requests");
          this.sent.push({ queue: name, bytes: taken });
        },
      }) as unknown as Queue<Uint8Array>;
    const queues = {
      EVENTS_0: queue("0"),
      EVENTS_1: queue("1"),
      EVENTS_2: queue("2"),
      EVENTS_3: queue("3"),
      BACKFILL: queue("backfill"),
    };
    this.env = { ...base, ...queues, ...overrides };
  }

  /** Rows of everything that was sent, in order. */
  rows(): Record<string, unknown>[] {
    return this.sent.flatMap(({ bytes }) => rowsOf(bytes));
  }
}

/** The rows of a pack. */
export function rowsOf(bytes: Uint8Array): Record<string, unknown>[] {
  const text = zstdDecompressSync(readPack(bytes).body).toString();
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Posts to a fresh ingest app (or `app`) and waits for what it left behind. */
export async function post(
  env: Env,
  key: string | undefined,
  body: BodyInit | null,
  headers: Record<string, string> = {},
  path = "/v1/events",
  app = createIngestApp(),
): Promise<Response> {
  const context = createExecutionContext();
  const all = {
    "content-type": "application/json",
    ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    ...headers,
  };
  const response = await app.fetch(
    new Request(`http://127.0.0.1${path}`, { method: "POST", body, headers: all }),
    env,
    context,
  );
  await waitOnExecutionContext(context);
  return response;
}
