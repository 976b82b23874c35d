/**
 * Seeded randomness of the demo: a small generator, the distributions a workday needs, deterministic UUIDs.
 * Used by dev/demo only; not for secrets. Two generators made from one key give the same values, on any machine.
 */
import { hashString } from "../../schema/identity.ts";

/** A stream of pseudo-random values. Each call moves it on. */
export interface Random {
  /** 32 random bits. */
  bits(): number;
  /** Uniform in [0, 1). */
  unit(): number;
}

/** A stream (sfc32) whose whole state comes from `key`; different keys give unrelated streams. */
export function randomFrom(key: string): Random {
  const first = hashString(key);
  const second = hashString(`${key}\u0000`);
  let a = first.hi;
  let b = first.lo;
  let c = second.hi;
  let counter = second.lo | 1;
  const bits = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) bits();
  return { bits, unit: () => bits() / 4_294_967_296 };
}

/** True with probability `p`. */
export function chance(random: Random, p: number): boolean {
  return random.unit() < p;
}

/** Integer in [min, max], both included. */
export function intBetween(random: Random, min: number, max: number): number {
  return min + Math.floor(random.unit() * (max - min + 1));
}

/** Number in [min, max). */
export function between(random: Random, min: number, max: number): number {
  return min + random.unit() * (max - min);
}

/** One of `items`, which must not be empty. */
export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[Math.floor(random.unit() * items.length)];
  if (item === undefined) throw new RangeError("cannot pick from nothing");
  return item;
}

/** One of `items`, in proportion to `weight(item)`; weights are >= 0 and not all zero. */
export function pickWeighted<T>(random: Random, items: readonly T[], weight: (item: T) => number): T {
  let rest = random.unit() * items.reduce((sum, item) => sum + weight(item), 0);
  for (const item of items) {
    rest -= weight(item);
    if (rest < 0) return item;
  }
  return pick(random, items);
}

/** Long-tailed positive value: half are below `median`; `spread` 0.5 is tame, 1.2 has a long tail. */
export function logNormal(random: Random, median: number, spread: number): number {
  const u = 1 - random.unit();
  const v = random.unit();
  return median * Math.exp(spread * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v));
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0").slice(-digits);

/** UUIDv7-like: the time in its first 48 bits, 74 bits of `random`. */
export function uuidV7(random: Random, atMs: number): string {
  const time = hex(atMs, 12);
  const version = hex(0x7000 | (random.bits() & 0x0fff), 4);
  const variant = hex(0x8000 | (random.bits() & 0x3fff), 4);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${hex(random.bits(), 8)}${hex(random.bits() & 0xffff, 4)}`;
}
