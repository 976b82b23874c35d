/**
 * IP addresses and CIDR blocks, v4 and v6, as numbers: parse and match. Pure, exact, without a library (no dependency on the
 * path of every event). Used by ingest (where a key may be used from) and by key management (what may be stored).
 */

export interface IpRange {
  /** 4 or 6; an IPv4-mapped v6 address is v4. */
  version: 4 | 6;
  /** First address of the block. */
  base: bigint;
  /** Bits that all addresses of the block share. */
  prefix: number;
}

const V4_BITS = 32;
const V6_BITS = 128;
const V6_GROUPS = 8;
const DECIMAL_BYTE = /^(0|[1-9]\d{0,2})$/;
const HEX_GROUP = /^[0-9a-f]{1,4}$/i;
/** ::ffff:0:0/96, the v6 form of v4 addresses. */
const MAPPED = 0xffffn;

interface Ip {
  version: 4 | 6;
  value: bigint;
}

/** The address as a number; undefined for anything else (ports, zones, leading zeros, shortened v4). */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(":")) {
    const value = parseV4(text);
    return value === undefined ? undefined : { version: 4, value };
  }
  const value = parseV6(text);
  if (value === undefined) return undefined;
  return value >> 32n === MAPPED ? { version: 4, value: value & 0xffff_ffffn } : { version: 6, value };
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    if (!DECIMAL_BYTE.test(part) || Number(part) > 255) return undefined;
    value = (value << 8n) | BigInt(part);
  }
  return value;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [left = "", right] = halves;
  const head = groups(left, right === undefined);
  const tail = right === undefined ? [] : groups(right, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = V6_GROUPS - head.length - tail.length;
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array<bigint>(missing).fill(0n), ...tail].reduce((value, group) => (value << 16n) | group, 0n);
}

/** The 16-bit groups of one side of `::`; `mayEndInV4`: its last group may be dotted, as in ::ffff:1.2.3.4. */
function groups(text: string, mayEndInV4: boolean): bigint[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const out: bigint[] = [];
  for (const [n, part] of parts.entries()) {
    if (mayEndInV4 && n === parts.length - 1 && part.includes(".")) {
      const v4 = parseV4(part);
      if (v4 === undefined) return undefined;
      out.push(v4 >> 16n, v4 & 0xffffn);
    } else {
      if (!HEX_GROUP.test(part)) return undefined;
      out.push(BigInt(`0x${part}`));
    }
  }
  return out;
}

/**
 * A CIDR block or a single address. Undefined for anything else, also when bits after the prefix are set: `10.0.0.1/8` is more
 * often a mistake than a wish.
 */
export function parseRange(text: string): IpRange | undefined {
  const [address = "", bits, ...rest] = text.split("/");
  if (rest.length > 0) return undefined;
  const ip = parseIp(address);
  if (ip === undefined) return undefined;
  const width = ip.version === 4 ? V4_BITS : V6_BITS;
  if (bits === undefined) return { version: ip.version, base: ip.value, prefix: width };
  if (!DECIMAL_BYTE.test(bits)) return undefined;
  // A v4 block written in v6 form counts its 96 leading bits.
  const prefix = ip.version === 4 && address.includes(":") ? Number(bits) - 96 : Number(bits);
  if (prefix < 0 || prefix > width) return undefined;
  const free = BigInt(width - prefix);
  return (ip.value >> free) << free === ip.value ? { version: ip.version, base: ip.value, prefix } : undefined;
}

/** True when the address is in one of the blocks; false for what is no address. */
export function inRanges(ranges: readonly IpRange[], address: string): boolean {
  const ip = parseIp(address);
  if (ip === undefined) return false;
  return ranges.some(({ version, base, prefix }) => {
    const free = BigInt((version === 4 ? V4_BITS : V6_BITS) - prefix);
    return version === ip.version && ip.value >> free === base >> free;
  });
}
