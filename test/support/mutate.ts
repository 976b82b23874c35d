/** Bodies that mean harm, made of good ones: cut, flipped, spliced, repeated, blown up, random. Used by the decoder fuzz tests. */

/** Numbers in [0, 1). */
export type Random = () => number;

/** Bytes that mean something to one of the decoders. */
const TELLING: readonly number[] = [
  0x00, 0x01, 0x0a, 0x0b, 0x12, 0x22, 0x2a, 0x2c, 0x30, 0x32, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xfe,
  0xff,
];
const WORDS: readonly string[] = [
  "null",
  "true",
  "{}",
  "[]",
  "-1",
  "1e999",
  '"NaN"',
  '"99999999999999999999"',
  '"\\ud800"',
  '"__proto__"',
  "[[[[[[[[",
  '{"stringValue":',
  '{"arrayValue":{"values":[',
  '{"kvlistValue":{"values":[{"key":"a","value":',
  "\ufeff",
];
const encoder = new TextEncoder();
/** Bytes that a mutation may add; the fuzz tests are about many bodies, not large ones. */
const MAX_GROWTH = 2_000;

export const below = (random: Random, limit: number): number => Math.floor(random() * limit);
const pick = <T>(random: Random, items: readonly T[]): T | undefined => items[below(random, items.length)];

function spliced(body: Uint8Array, at: number, removed: number, added: Uint8Array): Uint8Array {
  const end = Math.min(body.length, at + removed);
  const result = new Uint8Array(body.length - (end - at) + added.length);
  result.set(body.subarray(0, at));
  result.set(added, at);
  result.set(body.subarray(end), at + added.length);
  return result;
}

function once(body: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const at = below(random, body.length + 1);
  const span = below(random, 40);
  const part = (from: Uint8Array, length: number): Uint8Array => {
    const start = below(random, from.length + 1);
    return from.subarray(start, start + length);
  };
  switch (below(random, 9)) {
    case 0:
      return body.slice(0, at);
    case 1: {
      const flipped = body.slice();
      if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << below(random, 8));
      return flipped;
    }
    case 2: {
      const changed = body.slice();
      if (at < changed.length) changed[at] = pick(random, TELLING) ?? 0;
      return changed;
    }
    case 3:
      return spliced(body, at, span, new Uint8Array(0));
    case 4:
      return spliced(body, at, 0, part(body, below(random, MAX_GROWTH)));
    case 5:
      return spliced(body, at, span, part(other, below(random, MAX_GROWTH)));
    case 6:
      return spliced(body, at, below(random, 8), encoder.encode(pick(random, WORDS) ?? ""));
    case 7:
      // A varint as long as one can be.
      return spliced(
        body,
        at,
        1,
        Uint8Array.from({ length: 1 + below(random, 11) }, (_, i) => (i < 10 ? 0xff : 0x7f)),
      );
    default:
      return spliced(body, at, 0, encoder.encode((pick(random, WORDS) ?? "").repeat(1 + below(random, 60))));
  }
}

/** A body near `body`, or, once in a while, one of nothing but chance. */
export function mutated(body: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  if (random() < 0.03) return Uint8Array.from({ length: below(random, 300) }, () => below(random, 256));
  let result = body;
  for (let times = 1 + below(random, 3); times > 0; times--) result = once(result, other, random);
  return result;
}

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 63,
  -(2 ** 63),
  1e308,
  "",
  "x",
  "0",
  "-9223372036854775809",
  "NaN",
  "\ud800",
  [],
  {},
  [null],
  [[]],
  { stringValue: 1 },
  { intValue: {} },
  { arrayValue: { values: [{}] } },
  { kvlistValue: { values: [{ key: 1 }] } },
];

/** A copy of a JSON value in which one member, anywhere, is another value, gone, or there twice. */
export function withOtherValue(value: unknown, random: Random): unknown {
  if (Array.isArray(value) && value.length > 0) {
    const at = below(random, value.length);
    const copy: unknown[] = [...value];
    const luck = random();
    if (luck < 0.05) copy.splice(at, 1);
    else if (luck < 0.1) copy.push(value[at]);
    else copy[at] = luck < 0.18 ? pick(random, VALUES) : withOtherValue(value[at], random);
    return copy;
  }
  if (typeof value !== "object" || value === null || random() < 0.08) return pick(random, VALUES);
  const entries = Object.entries(value);
  const at = below(random, entries.length);
  return Object.fromEntries(
    entries.map(([key, inner], i) => (i === at ? [key, withOtherValue(inner, random)] : [key, inner])),
  );
}
