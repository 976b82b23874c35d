import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { complianceScore, complianceTerms } from "../../../schema/compliance.ts";
import { DAY_MS } from "../../../schema/limits.ts";
import { keysAt } from "../../../workflows/rollup/reports.ts";

const GOOD = { openAlerts: 0, violations: 0, sessions: 10, activeKeys: 2, oldKeys: 0, completeness: 1 };

describe("the compliance score", () => {
  it.each([
    [GOOD, 100],
    [{ ...GOOD, openAlerts: 3 }, 85],
    [{ ...GOOD, openAlerts: 9 }, 60],
    [{ ...GOOD, violations: 1 }, 80],
    [{ ...GOOD, violations: 2 }, 70],
    [{ ...GOOD, sessions: 0 }, 100],
    [{ ...GOOD, oldKeys: 1 }, 90],
    [{ ...GOOD, activeKeys: 0 }, 100],
    [{ ...GOOD, completeness: 0.5 }, 95],
    [{ openAlerts: 99, violations: 99, sessions: 1, activeKeys: 1, oldKeys: 1, completeness: 0 }, 0],
  ])("of %j is %d", (counts, score) => expect(complianceScore(counts)).toBe(score));

  it("is 100 less its terms, and never below 0", () => {
    const count = fc.nat(1_000);
    fc.assert(
      fc.property(count, count, count, count, fc.double({ min: 0, max: 1, noNaN: true }), (h, v, s, k, c) => {
        const counts = {
          openAlerts: h,
          violations: v,
          sessions: s,
          activeKeys: k,
          oldKeys: Math.floor(k / 2),
          completeness: c,
        };
        const { alerts, violations, keys, telemetry } = complianceTerms(counts);
        expect(complianceScore(counts)).toBe(Math.max(0, 100 - alerts - violations - keys - telemetry));
        expect([alerts <= 40, violations <= 30, keys <= 20, telemetry <= 10]).toEqual([true, true, true, true]);
      }),
    );
  });
});

describe("keys at a moment", () => {
  it("are those made before it that have neither expired nor been revoked by then, old after 90 days", () => {
    const at = 1_000 * DAY_MS;
    const key = { createdAt: at - DAY_MS, expiresAt: null, revokedAt: null };
    expect(keysAt([key], at)).toEqual({ active: 1, old: 0 });
    expect(keysAt([{ ...key, createdAt: at }], at)).toEqual({ active: 0, old: 0 });
    expect(
      keysAt(
        [
          { ...key, expiresAt: at },
          { ...key, revokedAt: at },
        ],
        at,
      ),
    ).toEqual({ active: 0, old: 0 });
    expect(
      keysAt(
        [
          { ...key, expiresAt: at + 1 },
          { ...key, revokedAt: at + 1 },
        ],
        at,
      ),
    ).toEqual({ active: 2, old: 0 });
    expect(
      keysAt(
        [
          { ...key, createdAt: at - 90 * DAY_MS },
          { ...key, createdAt: at - 91 * DAY_MS },
        ],
        at,
      ),
    ).toEqual({
      active: 2,
      old: 1,
    });
  });
});
