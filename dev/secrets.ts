/**
 * The secrets of a local run, made once per data directory and kept in `<data>/secrets.json` (mode 600).
 * Production has its own, set by `wrangler secret put`; nothing here ever leaves the machine.
 */
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const SecretsSchema = z.object({
  KEY_TAG_SECRET: z.string(),
  JWT_PRIVATE_KEY: z.string(),
  OPERATOR_TOKEN: z.string(),
  CLICKHOUSE_PASSWORD: z.string(),
});
export type Secrets = z.infer<typeof SecretsSchema>;

const random = (): string => randomBytes(32).toString("base64url");

function make(): Secrets {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...privateKey.export({ format: "jwk" }), kid: `us-${randomBytes(6).toString("hex")}`, alg: "ES256" };
  return {
    KEY_TAG_SECRET: random(),
    JWT_PRIVATE_KEY: JSON.stringify(jwk),
    OPERATOR_TOKEN: random(),
    CLICKHOUSE_PASSWORD: random(),
  };
}

/** The secrets of this data directory. */
export function localSecrets(dataDir: string): Secrets {
  const path = join(dataDir, "secrets.json");
  if (existsSync(path)) return SecretsSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  const secrets = make();
  writeFileSync(path, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  return secrets;
}
