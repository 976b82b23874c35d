import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashString, identify, identityHash, packId } from "../../../schema/identity.ts";
import { IdentitySet } from "../../../schema/identity-set.ts";

const org = hashString("org_a");
const uuid = fc.uuid();
const at = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 });

describe("identity hash", () => {
  it("is the same for the same identity, in any letter case of the UUID", () => {
    fc.assert(
      fc.property(uuid, at, (id, ms) => {
        expect(identityHash(org, "error", ms, id)).toEqual(identityHash(org, "error", ms, id.toUpperCase()));
      }),
    );
  });

  it("differs when any one part differs", () => {
    fc.assert(
      fc.property(uuid, uuid, at, (id, other, ms) => {
        fc.pre(id !== other);
        const base = identityHash(org, "error", ms, id);
        expect(identityHash(hashString("org_b"), "error", ms, id)).not.toEqual(base);
        expect(identityHash(org, "session_start", ms, id)).not.toEqual(base);
        expect(identityHash(org, "error", ms + 1, id)).not.toEqual(base);
        expect(identityHash(org, "error", ms, other)).not.toEqual(base);
      }),
    );
  });

  it("spreads a million near-identical identities without one collision", () => {
    const seen = new IdentitySet(1_000_000);
    const id = "0190aaaa-0000-7000-8000-0000000";
    for (let i = 0; i < 1_000_000; i++) {
      const { hi, lo } = identityHash(org, "error", 1_700_000_000_000 + (i % 10), id + i.toString(16).padStart(5, "0"));
      expect(seen.add(hi, lo)).toBe(true);
    }
    expect(seen.size).toBe(1_000_000);
  });

  it("hashes an event id alone without its time or type", () => {
    const id = "0190aaaa-0000-7000-8000-00000000000a";
    const idOf = (text: string, type: string, ms: number) => {
      const { idHi, idLo } = identify(org, type, ms, text);
      return [idHi, idLo];
    };
    expect(idOf(id, "error", 1)).toEqual(idOf(id.toUpperCase(), "session_start", 2));
    expect(idOf(id, "error", 1)).not.toEqual(idOf("0190aaaa-0000-7000-8000-00000000000b", "error", 1));
  });
});

describe("pack id", () => {
  const ids = (values: number[]): string =>
    packId(
      org,
      Uint32Array.from(values),
      Uint32Array.from(values, (v) => v + 1),
    );

  it("is 32 hex digits that depend on the identities, their order and the org", () => {
    expect(ids([1, 2, 3])).toMatch(/^[0-9a-f]{32}$/);
    expect(ids([1, 2, 3])).toBe(ids([1, 2, 3]));
    expect(ids([1, 2, 3])).not.toBe(ids([1, 3, 2]));
    expect(ids([1, 2, 3])).not.toBe(ids([1, 2]));
    const columns = [Uint32Array.from([1]), Uint32Array.from([2])] as const;
    expect(packId(org, ...columns)).not.toBe(packId(hashString("org_b"), ...columns));
  });
});

describe("identity set", () => {
  it("answers as a Set of strings does", () => {
    const small = fc.nat({ max: 40 });
    fc.assert(
      fc.property(fc.array(fc.tuple(small, small), { maxLength: 300 }), (pairs) => {
        const set = new IdentitySet();
        const model = new Set<string>();
        for (const [hi, lo] of pairs) {
          const key = `${hi}/${lo}`;
          expect(set.has(hi, lo)).toBe(model.has(key));
          expect(set.add(hi, lo)).toBe(!model.has(key));
          model.add(key);
          expect(set.size).toBe(model.size);
        }
      }),
    );
  });
});
