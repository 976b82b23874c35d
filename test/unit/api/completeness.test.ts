import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../schema/limits.ts";
import { completenessOf } from "../../../workers/api/completeness.ts";
import { silenceOf } from "../../../workers/api/silence.ts";

const NOW = Date.parse("2026-11-22T12:00:00Z"); // a Sunday
const daysAgo = (...ago: number[]): number[] => ago.map((n) => NOW - n * DAY_MS);
/** Workdays of the four weeks that end `weeks` weeks ago. */
const workdays = (weeks: number): number[] =>
  Array.from({ length: 28 }, (_, n) => n + 7 * weeks)
    .filter((n) => ![0, 6].includes(new Date(NOW - n * DAY_MS).getUTCDay()))
    .map((n) => NOW - n * DAY_MS);

describe("silence", () => {
  it("is nothing to somebody who sent on Friday, and something after a week", () => {
    expect(silenceOf(workdays(0), NOW)).toBeUndefined();
    expect(silenceOf(workdays(1), NOW)).toEqual({ activeDays: 20, silentDays: 9 });
  });

  it("is measured against the longest pause there was", () => {
    const weekly = daysAgo(40, 33, 26, 19, 18, 12);
    expect(silenceOf(daysAgo(26, 25, 19, 18, 12, 11, 5), NOW)).toBeUndefined();
    expect(silenceOf(daysAgo(29, 28, 22, 21, 15, 14, 8), NOW)).toEqual({ activeDays: 7, silentDays: 8 });
    expect(silenceOf(weekly, NOW)).toEqual({ activeDays: 5, silentDays: 12 });
  });

  it("needs a habit: five days of four weeks", () => {
    expect(silenceOf(daysAgo(20, 19, 18, 17), NOW)).toBeUndefined();
    expect(silenceOf(daysAgo(20, 19, 18, 17, 16), NOW)).toEqual({ activeDays: 5, silentDays: 16 });
    expect(silenceOf([], NOW)).toBeUndefined();
  });

  it("begins on the third day", () => {
    expect(silenceOf(daysAgo(2, 3, 4, 5, 6), NOW)).toBeUndefined();
    expect(silenceOf(daysAgo(3, 4, 5, 6, 7), NOW)).toEqual({ activeDays: 5, silentDays: 3 });
  });
});

describe("completeness", () => {
  const row = (expected: number, seen: number, events = 0, metrics = 0) => ({
    expected: String(expected),
    seen: String(seen),
    event_tokens: String(events),
    metric_tokens: String(metrics),
  });

  it("is the share of numbered records that arrived, over regions", () => {
    expect(completenessOf([row(60, 58), row(40, 39)], 3)).toEqual({
      sessions: 3,
      share: 0.97,
      missing_records: 3,
      ledger_difference: null,
    });
  });

  it("is whole only when nothing is missing", () => {
    expect(completenessOf([row(100_000, 99_999)], 1)?.share).toBe(0.999);
    expect(completenessOf([row(5, 5)], 1)).toMatchObject({ share: 1, missing_records: 0 });
  });

  it("says how far the two ledgers are apart, whichever is larger", () => {
    expect(completenessOf([row(1, 1, 70, 100)], 1)?.ledger_difference).toBeCloseTo(0.3);
    expect(completenessOf([row(1, 1, 100, 70)], 1)?.ledger_difference).toBeCloseTo(0.3);
    expect(completenessOf([row(0, 0, 5, 5)], 1)).toMatchObject({ share: null, ledger_difference: 0 });
  });

  it("is nothing where nothing can be measured", () => {
    expect(completenessOf([], 0)).toBeUndefined();
    expect(completenessOf([row(0, 0)], 1)).toBeUndefined();
  });
});
