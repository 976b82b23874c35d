/**
 * Routing database (global): which jurisdiction an org or key belongs to. Holds no personal data.
 * Read by workers/shared/tenants; written by seeding and the tenant tools.
 */
import { index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

export const orgRoutes = sqliteTable("org_routes", {
  orgId: text("org_id").primaryKey(),
  /** us | eu: where the org's configuration database and objects are. */
  jurisdiction: text("jurisdiction", { enum: ["us", "eu"] }).notNull(),
});

export const ingestKeys = sqliteTable(
  "ingest_keys",
  {
    keyId: text("key_id").primaryKey(),
    orgId: text("org_id").notNull(),
    /** us | eu | gl-us | gl-eu: the key's prefix; says residency and storage region. */
    jurisdiction: text("jurisdiction", { enum: ["us", "eu", "gl-us", "gl-eu"] }).notNull(),
    /** SHA-256 of the whole key, hex. The key itself is shown once and never stored. */
    secretHash: text("secret_hash").notNull(),
    /** header: Authorization or X-API-Key; path: may also stand in /i/<key>/, a weaker class. */
    keyClass: text("key_class", { enum: ["header", "path"] }).notNull(),
    createdAt: integer("created_at", { mode: "timestamp_ms" }).notNull(),
    expiresAt: integer("expires_at", { mode: "timestamp_ms" }),
    revokedAt: integer("revoked_at", { mode: "timestamp_ms" }),
  },
  (table) => [index("ingest_keys_org").on(table.orgId)],
);
