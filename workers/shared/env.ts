/**
 * The Worker's bindings, typed once, and its vars, parsed once per isolate. No other file reads a var or secret from env.
 * Used by every part that runs in workerd.
 */
import { z } from "zod";
import type { StorageRegion } from "../../schema/pack.ts";
import type { RollupParams } from "../../schema/rollup.ts";

/** Event queues in wrangler.toml: EVENTS_0 to EVENTS_3, 5,000 messages a second each. */
export const EVENT_QUEUES = 4;

export interface Env {
  ASSETS?: Fetcher;
  ROUTING_DB: D1Database;
  CONFIG_DB: D1Database;
  CONFIG_DB_EU: D1Database;
  BUCKET: R2Bucket;
  BUCKET_EU: R2Bucket;
  EVENTS_0: Queue<Uint8Array>;
  EVENTS_1: Queue<Uint8Array>;
  EVENTS_2: Queue<Uint8Array>;
  EVENTS_3: Queue<Uint8Array>;
  BACKFILL: Queue<Uint8Array>;
  TENANT_LIVE: DurableObjectNamespace;
  EVENT_BUFFER: DurableObjectNamespace;
  QUOTA_LEASE: DurableObjectNamespace;
  ROLLUP: Workflow<RollupParams>;
  ROLLUP_EU: Workflow<RollupParams>;
  METRIC_SERIES: DurableObjectNamespace;
  INTEGRATION_STATS: DurableObjectNamespace;
  /** Shields against floods, counted by Cloudflare in each location; absent: none. */
  SHIELD_KEY?: RateLimit;
  SHIELD_IP?: RateLimit;
  /** The API's limit per token, and per address before log-in, over the isolates of a location; absent: each isolate counts alone. */
  API_CALLER?: RateLimit;
  /** The same per browser session. */
  API_SESSION?: RateLimit;
  JURISDICTIONS: string;
  KEY_TAG_SECRET: string;
  JWT_PRIVATE_KEY: string;
  OPERATOR_TOKEN: string;
  CLICKHOUSE_US_URL: string;
  CLICKHOUSE_US_DATABASE: string;
  CLICKHOUSE_US_USER: string;
  CLICKHOUSE_US_PASSWORD: string;
  CLICKHOUSE_US_READER_USER?: string;
  CLICKHOUSE_US_READER_PASSWORD?: string;
  CLICKHOUSE_US_ROLLUP_USER?: string;
  CLICKHOUSE_US_ROLLUP_PASSWORD?: string;
  CLICKHOUSE_EU_URL: string;
  CLICKHOUSE_EU_DATABASE: string;
  CLICKHOUSE_EU_USER: string;
  CLICKHOUSE_EU_PASSWORD: string;
  CLICKHOUSE_EU_READER_USER?: string;
  CLICKHOUSE_EU_READER_PASSWORD?: string;
  CLICKHOUSE_EU_ROLLUP_USER?: string;
  CLICKHOUSE_EU_ROLLUP_PASSWORD?: string;
}

/** Characters of a secret: 32 of base64url are 192 bits. */
const MIN_SECRET_LENGTH = 32;
/** Different characters below which a secret was typed, not drawn: 32 random ones of base64url have 20 or more. */
const MIN_SECRET_ALPHABET = 10;

const SecretSchema = z
  .string({ error: "is missing" })
  .min(MIN_SECRET_LENGTH, `needs at least ${MIN_SECRET_LENGTH} characters`)
  .refine((text) => new Set(text).size >= MIN_SECRET_ALPHABET, "is too easy to guess, draw it at random");

const VarsSchema = z.object({
  JURISDICTIONS: z.enum(["enforced", "emulated"]),
  KEY_TAG_SECRET: SecretSchema,
  JWT_PRIVATE_KEY: z.string({ error: "is missing" }).min(1, "is missing"),
  OPERATOR_TOKEN: SecretSchema,
  CLICKHOUSE_US_URL: z.url(),
  CLICKHOUSE_US_DATABASE: z.string().min(1),
  CLICKHOUSE_US_USER: z.string().default("default"),
  CLICKHOUSE_US_PASSWORD: z.string().default(""),
  CLICKHOUSE_US_READER_USER: z.string().default(""),
  CLICKHOUSE_US_READER_PASSWORD: z.string().default(""),
  CLICKHOUSE_US_ROLLUP_USER: z.string().default(""),
  CLICKHOUSE_US_ROLLUP_PASSWORD: z.string().default(""),
  CLICKHOUSE_EU_URL: z.url(),
  CLICKHOUSE_EU_DATABASE: z.string().min(1),
  CLICKHOUSE_EU_USER: z.string().default("default"),
  CLICKHOUSE_EU_PASSWORD: z.string().default(""),
  CLICKHOUSE_EU_READER_USER: z.string().default(""),
  CLICKHOUSE_EU_READER_PASSWORD: z.string().default(""),
  CLICKHOUSE_EU_ROLLUP_USER: z.string().default(""),
  CLICKHOUSE_EU_ROLLUP_PASSWORD: z.string().default(""),
});

/** How one region's ClickHouse is reached. */
export interface ClickHouseTarget {
  url: string;
  database: string;
  user: string;
  password: string;
  /** Users that may do less than that one, or other things; absent: that one does it. See ops/clickhouse-cloud.md. */
  reader?: ClickHouseLogin;
  rollup?: ClickHouseLogin;
}

interface ClickHouseLogin {
  user: string;
  password: string;
}

export interface Config {
  jurisdictions: "enforced" | "emulated";
  keyTagSecret: string;
  /** Private JWK (JSON) that signs access tokens; its `kid` starts with the jurisdiction. */
  jwtPrivateKey: string;
  /** Lets operators replay and read metrics. */
  operatorToken: string;
  clickhouse: Record<StorageRegion, ClickHouseTarget>;
}

/** A var or secret is missing or malformed; the message names each one and holds no value. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

const parsed = new WeakMap<object, Config>();

/** The Worker's configuration. Throws ConfigError. */
export function readConfig(env: Env): Config {
  const known = parsed.get(env);
  if (known !== undefined) return known;
  const vars = VarsSchema.safeParse(env);
  if (!vars.success) {
    const problems = new Set(vars.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
    throw new ConfigError(`configuration: ${[...problems].join("; ")}`);
  }
  const v = vars.data;
  const config: Config = {
    jurisdictions: v.JURISDICTIONS,
    keyTagSecret: v.KEY_TAG_SECRET,
    jwtPrivateKey: v.JWT_PRIVATE_KEY,
    operatorToken: v.OPERATOR_TOKEN,
    clickhouse: {
      us: {
        url: v.CLICKHOUSE_US_URL,
        database: v.CLICKHOUSE_US_DATABASE,
        user: v.CLICKHOUSE_US_USER,
        password: v.CLICKHOUSE_US_PASSWORD,
        ...other("reader", v.CLICKHOUSE_US_READER_USER, v.CLICKHOUSE_US_READER_PASSWORD),
        ...other("rollup", v.CLICKHOUSE_US_ROLLUP_USER, v.CLICKHOUSE_US_ROLLUP_PASSWORD),
      },
      eu: {
        url: v.CLICKHOUSE_EU_URL,
        database: v.CLICKHOUSE_EU_DATABASE,
        user: v.CLICKHOUSE_EU_USER,
        password: v.CLICKHOUSE_EU_PASSWORD,
        ...other("reader", v.CLICKHOUSE_EU_READER_USER, v.CLICKHOUSE_EU_READER_PASSWORD),
        ...other("rollup", v.CLICKHOUSE_EU_ROLLUP_USER, v.CLICKHOUSE_EU_ROLLUP_PASSWORD),
      },
    },
  };
  parsed.set(env, config);
  return config;
}

/** A further user of a target, when one is named. */
function other(role: "reader" | "rollup", user: string, password: string): Partial<ClickHouseTarget> {
  return user === "" ? {} : { [role]: { user, password } };
}
