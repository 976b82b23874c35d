/**
 * Seeds three demo tenants (us, eu, global) into the local D1 databases, once per data directory: organisations, teams, people
 * who can sign in, the developers that the demo agents play, and ingest keys. Called by dev/system. Local only.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/d1";
import { z } from "zod";
import type { Role } from "../schema/access.ts";
import { identities, ingestKeyDetails, memberships, orgs, teams, users } from "../schema/d1/config.ts";
import { ingestKeys, orgRoutes } from "../schema/d1/routing.ts";
import type { Residency, StorageRegion } from "../schema/pack.ts";
import { type KeyJurisdiction, mintKey } from "../workers/shared/ingest-key.ts";
import { hashPassword } from "../workers/shared/password.ts";
import { planOrg } from "./demo/org-plan.ts";
import { type DevJson, DevJsonSchema } from "./dev-json.ts";

export const DEMO_SEED = "tenfold";
/** Everybody's password on a machine that answers nobody else. */
const DEMO_PASSWORD = "tenfold-demo";

interface DemoTenant {
  orgId: string;
  name: string;
  slug: string;
  residency: Residency;
  primaryRegion: StorageRegion;
  keys: KeyJurisdiction[];
}

const TENANTS: DemoTenant[] = [
  { orgId: "org_acme", name: "Acme", slug: "acme", residency: "us", primaryRegion: "us", keys: ["us"] },
  { orgId: "org_nordwind", name: "Nordwind", slug: "nordwind", residency: "eu", primaryRegion: "eu", keys: ["eu"] },
  {
    orgId: "org_globex",
    name: "Globex",
    slug: "globex",
    residency: "global",
    primaryRegion: "us",
    keys: ["gl-us", "gl-eu"],
  },
];

const PEOPLE: Role[] = ["admin", "manager", "user", "viewer"];

type SeededOrg = DevJson["orgs"][number];
const SeedSchema = z.object({ orgs: DevJsonSchema.shape.orgs });

type Database = Parameters<typeof drizzle>[0];

export interface SeedTargets {
  routing: Database;
  config: Database;
  configEu: Database;
}

/** Seeds what is not seeded yet; resolves to the tenants with their keys and log-ins. */
export async function seed(dataDir: string, tagSecret: string, targets: SeedTargets): Promise<SeededOrg[]> {
  const path = join(dataDir, "seed.json");
  if (existsSync(path)) return SeedSchema.parse(JSON.parse(readFileSync(path, "utf8"))).orgs;
  const password = await hashPassword(DEMO_PASSWORD);
  const seeded: SeededOrg[] = [];
  for (const tenant of TENANTS) {
    const config = tenant.residency === "eu" ? targets.configEu : targets.config;
    const keys = await seedKeys(tenant, tagSecret, targets.routing, config);
    const people = await seedDirectory(tenant, password, config);
    const { orgId: org_id, name, residency } = tenant;
    seeded.push({ org_id, name, residency, ingest_key: keys[tenant.keys[0] ?? ""] ?? "", keys, users: people });
  }
  writeFileSync(path, `${JSON.stringify({ orgs: seeded }, null, 2)}\n`, { mode: 0o600 });
  return seeded;
}

async function seedKeys(
  tenant: DemoTenant,
  tagSecret: string,
  routing: Database,
  config: Database,
): Promise<Record<string, string>> {
  const db = drizzle(routing);
  const jurisdiction = tenant.residency === "eu" ? "eu" : "us";
  await db.insert(orgRoutes).values({ orgId: tenant.orgId, jurisdiction }).onConflictDoNothing();
  const keys: Record<string, string> = {};
  for (const kind of tenant.keys) {
    for (const keyClass of ["header", "path"] as const) {
      const { key, keyId, secretHash } = mintKey(tagSecret, kind, keyClass);
      const row = { keyId, orgId: tenant.orgId, jurisdiction: kind, keyClass, secretHash, createdAt: new Date() };
      const name = keyClass === "path" ? `Demo, in a path (${kind})` : `Demo agents (${kind})`;
      await drizzle(config)
        .insert(ingestKeyDetails)
        .values({ keyId, orgId: tenant.orgId, name, createdBy: "operator" });
      await db.insert(ingestKeys).values(row);
      keys[keyClass === "path" ? `path-${kind}` : kind] = key;
    }
  }
  return keys;
}

async function seedDirectory(
  tenant: DemoTenant,
  passwordHash: string,
  database: Database,
): Promise<SeededOrg["users"]> {
  const db = drizzle(database);
  const { orgId } = tenant;
  const now = new Date();
  const plan = planOrg(DEMO_SEED, orgId);
  const org = {
    orgId,
    name: tenant.name,
    slug: tenant.slug,
    residency: tenant.residency,
    primaryRegion: tenant.primaryRegion,
    // The demo developers alone would fill the seats of a smaller plan.
    plan: "enterprise" as const,
    billingEmail: `billing@${tenant.slug}.example`,
  };
  await db
    .insert(orgs)
    .values({ ...org, createdAt: now, updatedAt: now })
    .onConflictDoNothing();
  for (const team of plan.teams) {
    await db.insert(teams).values({ orgId, teamId: team.team_id, name: team.team_id }).onConflictDoNothing();
  }
  const member = async (userId: string, email: string, hash: string, role: Role, teamId: string | undefined) => {
    await db
      .insert(users)
      .values({
        userId,
        email,
        name: email.split("@")[0] ?? email,
        passwordHash: hash,
        emailVerifiedAt: now,
        createdAt: now,
      })
      .onConflictDoNothing();
    await db
      .insert(memberships)
      .values({ orgId, userId, role, teamId: teamId ?? null })
      .onConflictDoNothing();
  };
  const owns = (eventUserId: string, userId: string) =>
    db.insert(identities).values({ orgId, eventUserId, userId, how: "admin" }).onConflictDoNothing();

  // The manager leads the first developer's team; user and viewer are the first two developers themselves.
  const [first, second, ...others] = plan.developers;
  const log_ins: SeededOrg["users"] = [];
  for (const role of PEOPLE) {
    const email = `${role}@${tenant.slug}.example`;
    const self = role === "user" ? first : role === "viewer" ? second : undefined;
    const team = role === "manager" ? first?.team : self?.team;
    await member(`usr_${tenant.slug}_${role}`, email, passwordHash, role, team?.team_id);
    if (self !== undefined) await owns(self.user_id, `usr_${tenant.slug}_${role}`);
    log_ins.push({ email, password: DEMO_PASSWORD, role });
  }
  for (const [n, developer] of others.entries()) {
    const userId = `usr_${tenant.slug}_dev${n}`;
    await member(userId, `dev${n}@${tenant.slug}.example`, "", "user", developer.team.team_id);
    await owns(developer.user_id, userId);
  }
  return log_ins;
}
