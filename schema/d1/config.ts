/**
 * Configuration database, one per jurisdiction: organisations, people, teams. Personal data of EU tenants is only in the EU one.
 * Read by workers/shared (tenant record, sign-in) and workers/api; written by seeding and, later, the settings API.
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
