/**
 * Ingest keys: `tf_<jurisdiction>_<id>_<secret><tag>`, and `tfp_...` for the weaker class that may stand in a URL path.
 * The tag is an HMAC over prefix, jurisdiction and id: a forged or re-prefixed key is refused without I/O.
 * Called by ingest (check) and by seeding and key management (mint). Stores nothing.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { StorageRegion } from "../../schema/pack.ts";

export const KEY_JURISDICTIONS = ["us", "eu", "gl-us", "gl-eu"] as const;
export type KeyJurisdiction = (typeof KEY_JURISDICTIONS)[number];
/** header: Authorization or X-API-Key only. path: also `/i/<key>/...`, where URLs may end up in somebody's logs. */
export type KeyClass = "header" | "path";

/** 32 symbols, so a random byte & 31 has no bias; no 0/o, 1/l. */
const ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789";
const ID_LENGTH = 16;
/** 160 bits. */
const SECRET_LENGTH = 32;
/** 48 bits: a forger needs 2^47 requests a hit, and gets a database miss for it. */
const TAG_LENGTH = 12;

const KEY = /^(tfp?)_(us|eu|gl-us|gl-eu)_([a-z2-9]{16})_([a-z2-9]{32})([0-9a-f]{12})$/;

/** A key's parts; `stored` is what the database keeps: SHA-256 of the whole key, hex. */
export interface ParsedKey {
  keyId: string;
  keyClass: KeyClass;
  jurisdiction: KeyJurisdiction;
}

function tagOf(secret: string, prefix: string, jurisdiction: string, id: string): string {
  return createHmac("sha256", secret).update(`${prefix}_${jurisdiction}_${id}`).digest("hex").slice(0, TAG_LENGTH);
}

function randomText(length: number): string {
  let text = "";
  for (const byte of randomBytes(length)) text += ALPHABET[byte & 31];
  return text;
}

/** SHA-256 of a key's text, hex. */
export function hashKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Equality of two hex digests in constant time. */
export function equalHex(a: string, b: string): boolean {
  const left = Buffer.from(a, "hex");
  const right = Buffer.from(b, "hex");
  return left.length === right.length && timingSafeEqual(left, right);
}

/** A new key; show `key` once, store the rest. `tagSecret` is KEY_TAG_SECRET. */
export function mintKey(
  tagSecret: string,
  jurisdiction: KeyJurisdiction,
  keyClass: KeyClass,
): ParsedKey & { key: string; secretHash: string } {
  const prefix = keyClass === "path" ? "tfp" : "tf";
  const keyId = randomText(ID_LENGTH);
  const tag = tagOf(tagSecret, prefix, jurisdiction, keyId);
  const key = `${prefix}_${jurisdiction}_${keyId}_${randomText(SECRET_LENGTH)}${tag}`;
  return { key, keyId, keyClass, jurisdiction, secretHash: hashKey(key) };
}

/** The parts of a key whose form and tag are right; undefined otherwise. Says nothing about whether the key exists. */
export function parseKey(tagSecret: string, key: string): ParsedKey | undefined {
  const match = KEY.exec(key);
  if (match === null) return undefined;
  const [, prefix = "", jurisdiction = "", keyId = "", , tag = ""] = match;
  if (!equalHex(tag, tagOf(tagSecret, prefix, jurisdiction, keyId))) return undefined;
  return { keyId, keyClass: prefix === "tfp" ? "path" : "header", jurisdiction: jurisdiction as KeyJurisdiction };
}

/** Where events of a key are stored: decided by the key, never by the request. */
export function storageRegion(jurisdiction: KeyJurisdiction): StorageRegion {
  return jurisdiction === "eu" || jurisdiction === "gl-eu" ? "eu" : "us";
}
