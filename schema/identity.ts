/**
 * Identity of an event = (org_id, event_type, timestamp in ms, event_id), and its 64-bit hash.
 * Request dedup, live frames and TenantLive's dedup sets use this one function; ClickHouse's sorting key is the same tuple.
 * Not a security boundary: only a tenant's own events ever share a set.
 */

/** A 64-bit value as two unsigned 32-bit halves: BigInt is several times slower on the hot path. */
export interface Hash64 {
  hi: number;
  lo: number;
}

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;
const LANE_HI = 0x9747b28c;
const LANE_LO = 0x3c6ef372;

/** One MurmurHash3-32 round (Appleby, public domain): mixes `word` into `state`. */
function round(state: number, word: number): number {
  let k = Math.imul(word, C1);
  k = (k << 15) | (k >>> 17);
  k = Math.imul(k, C2);
  let h = state ^ k;
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** MurmurHash3-32 finaliser: every input bit reaches every output bit. */
function finish(state: number, words: number): number {
  let h = state ^ (words << 2);
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 64-bit hash of a string's UTF-16 units: two independent lanes. */
export function hashString(value: string): Hash64 {
  let hi = LANE_HI;
  let lo = LANE_LO;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    hi = round(hi, unit);
    lo = round(lo, unit ^ 0x5bd1e995);
  }
  return { hi: finish(hi, value.length), lo: finish(lo, value.length) };
}

/** Value of a hexadecimal digit by its character code, either case. */
const NIBBLE = Uint8Array.from({ length: 128 }, (_, code) => (code <= 57 ? code - 48 : (code | 32) - 87) & 15);

/** Four big-endian 32-bit words of a UUID's text (any letter case), written into `out` at `at`. The text must be a UUID. */
export function uuidWords(uuid: string, out: Uint32Array, at = 0): void {
  out[at] = (hex4(uuid, 0) << 16) | hex4(uuid, 4);
  out[at + 1] = (hex4(uuid, 9) << 16) | hex4(uuid, 14);
  out[at + 2] = (hex4(uuid, 19) << 16) | hex4(uuid, 24);
  out[at + 3] = (hex4(uuid, 28) << 16) | hex4(uuid, 32);
}

function hex4(text: string, at: number): number {
  const a = NIBBLE[text.charCodeAt(at) & 127] ?? 0;
  const b = NIBBLE[text.charCodeAt(at + 1) & 127] ?? 0;
  const c = NIBBLE[text.charCodeAt(at + 2) & 127] ?? 0;
  const d = NIBBLE[text.charCodeAt(at + 3) & 127] ?? 0;
  return (a << 12) | (b << 8) | (c << 4) | d;
}

const MAX_CACHED_TYPES = 1_024;
const typeHashes = new Map<string, Hash64>();

function typeHash(eventType: string): Hash64 {
  let hash = typeHashes.get(eventType);
  if (hash === undefined) {
    if (typeHashes.size >= MAX_CACHED_TYPES) typeHashes.clear();
    hash = hashString(eventType);
    typeHashes.set(eventType, hash);
  }
  return hash;
}

/** An event's identity hash, and that of its event id alone (within its org), which finds one id under two identities. */
export interface Identity {
  hashHi: number;
  hashLo: number;
  idHi: number;
  idLo: number;
}

const scratch = new Uint32Array(4);

/** Both hashes of one event. `org` is `hashString(org_id)`; `timestampMs` an integer; `eventId` a UUID's text. */
export function identify(org: Hash64, eventType: string, timestampMs: number, eventId: string): Identity {
  const type = typeHash(eventType);
  uuidWords(eventId, scratch);
  const a = scratch[0] ?? 0;
  const b = scratch[1] ?? 0;
  const c = scratch[2] ?? 0;
  const d = scratch[3] ?? 0;
  const timeHi = Math.floor(timestampMs / 4_294_967_296) | 0;
  const timeLo = (timestampMs % 4_294_967_296) | 0;
  const idHi = round(round(round(round(LANE_HI, a), b), c), d);
  const idLo = round(round(round(round(LANE_LO, d), c), b), a);
  const hi = round(round(round(round(idHi, org.hi), type.hi), timeHi), timeLo);
  const lo = round(round(round(round(idLo, org.lo), type.lo), timeLo), timeHi);
  return { hashHi: finish(hi, 8), hashLo: finish(lo, 8), idHi: finish(idHi, 4), idLo: finish(idLo, 4) };
}

/** The identity hash alone. */
export function identityHash(org: Hash64, eventType: string, timestampMs: number, eventId: string): Hash64 {
  const { hashHi, hashLo } = identify(org, eventType, timestampMs, eventId);
  return { hi: hashHi, lo: hashLo };
}

const hex8 = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");

/**
 * pack_id = 128-bit hash of the org and the identities in order, as 32 hex digits: same id means same events.
 * Shape: `hi[i]`, `lo[i]` are the halves of event i's identity hash.
 */
export function packId(org: Hash64, hi: Uint32Array, lo: Uint32Array): string {
  let a = round(LANE_HI, org.hi);
  let b = round(LANE_LO, org.lo);
  let c = round(C1, org.lo);
  let d = round(C2, org.hi);
  for (let i = 0; i < hi.length; i++) {
    const h = hi[i] ?? 0;
    const l = lo[i] ?? 0;
    a = round(round(a, h), l);
    b = round(round(b, l), h);
    c = round(round(c, h ^ l), l);
    d = round(round(d, Math.imul(h, 3) ^ l), h);
  }
  const n = hi.length;
  return hex8(finish(a, n)) + hex8(finish(b, n)) + hex8(finish(c, n)) + hex8(finish(d, n));
}
