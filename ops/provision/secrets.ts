/**
 * The Worker's secrets: which are made here, once, and which only the operator knows. Names are checked against
 * workers/shared/env.ts by a test. A value goes to wrangler's stdin and nowhere else.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";

/** 256 bits, URL-safe. */
const random = (): string => randomBytes(32).toString("base64url");

/** One ES256 key a jurisdiction: a token of an EU principal is only good under the EU's. */
function signingKeys(): string {
  const keys = ["us", "eu"].map((jurisdiction) => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const kid = `${jurisdiction}-${randomBytes(6).toString("hex")}`;
    return { ...privateKey.export({ format: "jwk" }), kid, alg: "ES256" };
  });
  return JSON.stringify({ keys });
}

/** Name -> how a new one is made; null: taken from this process's environment, under the same name. */
export const SECRETS: Record<string, (() => string) | null> = {
  KEY_TAG_SECRET: random,
  JWT_PRIVATE_KEY: signingKeys,
  OPERATOR_TOKEN: random,
  CLICKHOUSE_US_URL: null,
  CLICKHOUSE_US_DATABASE: null,
  CLICKHOUSE_US_USER: null,
  CLICKHOUSE_US_PASSWORD: null,
  CLICKHOUSE_US_READER_USER: null,
  CLICKHOUSE_US_READER_PASSWORD: null,
  CLICKHOUSE_US_ROLLUP_USER: null,
  CLICKHOUSE_US_ROLLUP_PASSWORD: null,
  CLICKHOUSE_EU_URL: null,
  CLICKHOUSE_EU_DATABASE: null,
  CLICKHOUSE_EU_USER: null,
  CLICKHOUSE_EU_PASSWORD: null,
  CLICKHOUSE_EU_READER_USER: null,
  CLICKHOUSE_EU_READER_PASSWORD: null,
  CLICKHOUSE_EU_ROLLUP_USER: null,
  CLICKHOUSE_EU_ROLLUP_PASSWORD: null,
};
