/**
 * Configuration database, one per jurisdiction: organisations, people, teams. Personal data of EU tenants is only in the EU one.
 * Read by workers/shared (tenant record, sign-in) and workers/api; written by seeding, the settings API and the tenant tools.
 */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export const orgs = sqliteTable("orgs", {
  orgId: text("org_id").primaryKey(),
  name: text("name").notNull(),
  slug: text("slug").notNull().unique(),
  /** us | eu | global; never changes after creation. */
  residency: text("residency", { enum: ["us", "eu", "global"] }).notNull(),
  /** Where the org's live object is. */
  primaryRegion: text("primary_region", { enum: ["us", "eu"] }).notNull(),
  suspendedAt: integer("suspended_at", { mode: "timestamp_ms" }),
  /** Queue shards of this tenant; 1 unless one queue's 5,000 messages a second are too few for it. */
  queueShards: integer("queue_shards").notNull().default(1),
  /** EventBuffer objects of this tenant (EU only). */
  bufferShards: integer("buffer_shards").notNull().default(1),
  plan: text("plan", { enum: ["starter", "professional", "enterprise"] })
    .notNull()
    .default("starter"),
  /** QuotaOverridesSchema as JSON: what the operator set; everything else comes from the plan. */
  quotas: text("quotas").notNull().default("{}"),
  /** FeatureOverridesSchema as JSON: what the operator granted or took away beside the plan. */
  featureGrants: text("feature_grants").notNull().default("{}"),
  /** FeatureOverridesSchema as JSON: what the tenant's admins chose; takes effect only where it is granted. */
  featureChoices: text("feature_choices").notNull().default("{}"),
  billingEmail: text("billing_email"),
  stripeCustomerId: text("stripe_customer_id"),
  createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
  updatedAt: integer("updated_at", { mode: "timestamp_ms" }).notNull(),
});

export const users = sqliteTable("users", {
  userId: text("user_id").primaryKey(),
  /** Lower-case; sign-in looks it up. */
  email: text("email").notNull().unique(),
  name: text("name").notNull(),
  /** scrypt, as `scrypt$N$r$p$salt$hash` in base64url. */
  passwordHash: text("password_hash").notNull(),
  /** When the person proved that the address is theirs; null: never, and then no identity rests on it. */
  emailVerifiedAt: integer("email_verified_at", { mode: "timestamp_ms" }),
  createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
});

export const teams = sqliteTable(
  "teams",
  {
    orgId: text("org_id").notNull(),
    /** Unique within its org; what events carry as `team_id` when the directory knows the user. */
    teamId: text("team_id").notNull(),
    name: text("name").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.teamId] }),
    uniqueIndex("teams_org_name").on(table.orgId, table.name),
  ],
);

export const memberships = sqliteTable(
  "memberships",
  {
    orgId: text("org_id").notNull(),
    userId: text("user_id").notNull(),
    role: text("role", { enum: ["viewer", "user", "manager", "admin"] }).notNull(),
    teamId: text("team_id"),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.userId] }), index("memberships_user").on(table.userId)],
);

/** Which `user_id` values in events are a member; "own" and "team" scopes rest on this, never on what agents claim. */
export const identities = sqliteTable(
  "identities",
  {
    orgId: text("org_id").notNull(),
    eventUserId: text("event_user_id").notNull(),
    userId: text("user_id").notNull(),
    how: text("how", { enum: ["verified_email", "claimed", "admin"] }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.eventUserId] }), index("identities_user").on(table.userId)],
);

/** "These events are mine", said by a member and not yet approved: gives no rows until an admin moves it to `identities`. */
export const identityClaims = sqliteTable(
  "identity_claims",
  {
    orgId: text("org_id").notNull(),
    eventUserId: text("event_user_id").notNull(),
    userId: text("user_id").notNull(),
    claimedAt: integer("claimed_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.eventUserId, table.userId] })],
);

/**
 * What people say about an ingest key and what limits it; whether it is good at all is in the routing database. No row: a key of
 * the tools, without name or limits.
 */
export const ingestKeyDetails = sqliteTable(
  "ingest_key_details",
  {
    keyId: text("key_id").primaryKey(),
    orgId: text("org_id").notNull(),
    name: text("name").notNull(),
    /** JSON list of CIDR blocks; empty: from anywhere. */
    allowedIps: text("allowed_ips").notNull().default("[]"),
    /** JSON list of web origins; empty: no browser may use it. */
    allowedOrigins: text("allowed_origins").notNull().default("[]"),
    createdBy: text("created_by").notNull(),
    /** To the hour. */
    lastUsedAt: integer("last_used_at", { mode: "timestamp_ms" }),
    /** The key that took this one's place. */
    replacedBy: text("replaced_by"),
  },
  (table) => [index("ingest_key_details_org").on(table.orgId)],
);

/** Tokens of programs. A token never has more rights than its person has now. */
export const apiTokens = sqliteTable(
  "api_tokens",
  {
    tokenId: text("token_id").primaryKey(),
    orgId: text("org_id").notNull(),
    userId: text("user_id").notNull(),
    name: text("name").notNull(),
    /** SHA-256 of the whole token, hex. The token itself is shown once and never stored. */
    secretHash: text("secret_hash").notNull(),
    /** JSON list of permissions, reads only. */
    permissions: text("permissions").notNull(),
    scope: text("scope", { enum: ["own", "team", "org"] }).notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    expiresAt: integer("expires_at", { mode: "timestamp_ms" }).notNull(),
    revokedAt: integer("revoked_at", { mode: "timestamp_ms" }),
    /** To the hour. */
    lastUsedAt: integer("last_used_at", { mode: "timestamp_ms" }),
  },
  (table) => [index("api_tokens_org").on(table.orgId, table.userId)],
);

/** Every change of configuration, written in the same transaction as the change. Secrets and hashes never stand in it. */
export const changeRecords = sqliteTable(
  "change_records",
  {
    changeId: text("change_id").primaryKey(),
    orgId: text("org_id").notNull(),
    at: integer("at", { mode: "timestamp_ms" }).notNull(),
    /** A user id, or `operator`. */
    actor: text("actor").notNull(),
    /** `resource.verb`, as `member.update`. */
    action: text("action").notNull(),
    /** Id of what changed; the org id for its settings. */
    target: text("target").notNull(),
    /** JSON; `null` when it did not exist before. */
    before: text("before").notNull(),
    /** JSON; `null` when it is gone. */
    after: text("after").notNull(),
    requestId: text("request_id").notNull(),
  },
  (table) => [index("change_records_org_at").on(table.orgId, table.at)],
);

/** Metrics that people defined and saved; each is a query of POST /api/v1/query with a name. */
export const customMetrics = sqliteTable(
  "custom_metrics",
  {
    orgId: text("org_id").notNull(),
    metricId: text("metric_id").notNull(),
    name: text("name").notNull(),
    description: text("description").notNull().default(""),
    /** The query as JSON, checked by its schema again when it is read. */
    query: text("query").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    updatedAt: integer("updated_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.metricId] }),
    uniqueIndex("custom_metrics_org_name").on(table.orgId, table.name),
  ],
);

/** Saved metrics as tiles on a grid, of one person or of everyone. */
export const dashboards = sqliteTable(
  "dashboards",
  {
    orgId: text("org_id").notNull(),
    dashboardId: text("dashboard_id").notNull(),
    /** User id; the empty text: shared with the organisation. Not null, so that names are unique among the shared ones too. */
    ownerId: text("owner_id").notNull(),
    name: text("name").notNull(),
    /** Tiles as JSON, checked by their schema again when they are read. */
    items: text("items").notNull(),
    /** Counts changes: a change that was made from an older version is refused. */
    version: integer("version").notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    updatedAt: integer("updated_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.dashboardId] }),
    uniqueIndex("dashboards_org_owner_name").on(table.orgId, table.ownerId, table.name),
  ],
);

/** What a tenant decided beside the defaults, one JSON document per subject; read with the tenant record at the edge. */
export const tenantPolicies = sqliteTable(
  "tenant_policies",
  {
    orgId: text("org_id").notNull(),
    /** prices: price overrides; privacy: what is kept, hashed, dropped; rules: security rules and their severity. */
    subject: text("subject", { enum: ["prices", "privacy", "rules"] }).notNull(),
    /** JSON; the schema of its subject says what. */
    document: text("document").notNull(),
    updatedAt: integer("updated_at", { mode: "timestamp_ms" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.subject] })],
);

/** The key that turns identities into pseudonyms. Destroying the row makes every pseudonym of the tenant untraceable. */
export const pseudonymKeys = sqliteTable("pseudonym_keys", {
  orgId: text("org_id").primaryKey(),
  /** 32 random bytes, base64url. */
  secret: text("secret").notNull(),
  createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
});
