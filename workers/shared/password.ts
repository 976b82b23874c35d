/**
 * Passwords: scrypt, stored as `scrypt$N$r$p$salt$hash` in base64url (schema/d1/config.ts).
 * Called by sign-in (workers/api) and by seeding. Knows no accounts.
 */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";

/** OWASP's 16 MiB profile: five such hashes fit an isolate of 128 MB at the same time; N=2^17 (128 MiB) would not. */
const COST = { N: 2 ** 14, r: 8, p: 5 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Bounds on what a stored hash may ask for: 64 MiB, and ten times the usual work. */
const MAX_MEMORY_BYTES = 64 * 1024 * 1024;
const MAX_PARALLEL = 50;
/** UTF-16 units; longer ones are refused before any work. */
export const MAX_PASSWORD_LENGTH = 1_024;

const STORED = /^scrypt\$(\d{1,7})\$(\d{1,2})\$(\d{1,2})\$([\w-]{16,128})\$([\w-]{16,128})$/;

interface Stored {
  N: number;
  r: number;
  p: number;
  salt: Buffer;
  hash: Buffer;
}

/** Hashes a password for storage. */
export async function hashPassword(plain: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(plain, { ...COST, salt, hash: Buffer.alloc(HASH_BYTES) });
  return `scrypt$${COST.N}$${COST.r}$${COST.p}$${salt.toString("base64url")}$${hash.toString("base64url")}`;
}

/**
 * True when the password is the stored one. `stored` undefined (no such account) does the same work and is false,
 * so that the time taken does not tell whether an account exists.
 */
export async function verifyPassword(plain: string, stored: string | undefined): Promise<boolean> {
  const known = stored === undefined ? undefined : parse(stored);
  const target = known ?? { ...COST, salt: DUMMY_SALT, hash: Buffer.alloc(HASH_BYTES) };
  const hash = await derive(plain.slice(0, MAX_PASSWORD_LENGTH), target);
  const equal = timingSafeEqual(hash, target.hash);
  return equal && known !== undefined && plain.length <= MAX_PASSWORD_LENGTH;
}

const DUMMY_SALT = Buffer.alloc(SALT_BYTES, 7);

function parse(stored: string): Stored | undefined {
  const match = STORED.exec(stored);
  if (match === null) return undefined;
  const [, n, r, p, salt = "", hash = ""] = match;
  const cost = { N: Number(n), r: Number(r), p: Number(p) };
  const powerOfTwo = cost.N > 1 && (cost.N & (cost.N - 1)) === 0;
  if (!powerOfTwo || cost.r < 1 || cost.p < 1 || cost.p > MAX_PARALLEL) return undefined;
  if (memoryOf(cost) > MAX_MEMORY_BYTES) return undefined;
  return { ...cost, salt: Buffer.from(salt, "base64url"), hash: Buffer.from(hash, "base64url") };
}

const memoryOf = ({ N, r, p }: { N: number; r: number; p: number }): number => 128 * r * (N + p);

function derive(plain: string, { N, r, p, salt, hash }: Stored): Promise<Buffer> {
  const options = { N, r, p, maxmem: 2 * memoryOf({ N, r, p }) };
  return new Promise((resolve, reject) => {
    scrypt(plain.normalize("NFKC"), salt, hash.length, options, (error, key) =>
      error === null ? resolve(key) : reject(error),
    );
  });
}
