import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorGroups, funnelOf, ratio, showErrorGroup, unitCostsOf } from "../../../workers/api/insights.ts";
import { rangesOfHours } from "../../../workers/api/open-hours.ts";

const HOUR = 3_600_000;

describe("a funnel", () => {
  it("has as many sessions with code and a pull request as a set would", () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 30 }));
    fc.assert(
      fc.property(ids, ids, ids, (code, pr, other) => {
        const any = new Set([...code, ...pr]).size;
        const all = new Set([...code, ...pr, ...other]).size;
        const both = code.filter((id) => pr.includes(id)).length;
        const { steps, pull_requests_without_code } = funnelOf({ all, code: code.length, pr: pr.length, any });
        expect(steps.map(({ sessions }) => sessions)).toEqual([all, code.length, both]);
        expect(pull_requests_without_code).toBe(pr.length - both);
      }),
    );
  });

  it("says no rate of nothing, and never a negative count when distinct counts are estimates", () => {
    expect(funnelOf({ all: 0, code: 0, pr: 0, any: 0 }).steps[1]).toEqual({
      step: "code",
      sessions: 0,
      of_sessions: null,
      of_step_before: null,
    });
    expect(funnelOf({ all: 9_000, code: 8_000, pr: 500, any: 8_600 }).steps[2]?.sessions).toBe(0);
    expect(ratio(1, 3)).toBe(0.3333);
  });
});

describe("the cost of one", () => {
  it("is exact where a double is not, rounds down, and is null of none", () => {
    const figure = (value: number, previous: number) => ({ value, previous, change: null });
    const none = figure(0, 0);
    const totals = {
      ...Object.fromEntries(
        ["events", "errors", "security_alerts", "input_tokens", "output_tokens", "cache_read_tokens"].map((name) => [
          name,
          none,
        ]),
      ),
      cost_nano_usd: { value: "9007199254740995000", previous: "10", change: null },
      unpriced_tokens: figure(25, 0),
      tokens: figure(100, 0),
      sessions: figure(1_000, 3),
      users: none,
      pull_requests: none,
      accepted: none,
      lines_added: none,
    } as unknown as Parameters<typeof unitCostsOf>[0]["totals"];
    const { units, unpriced_share } = unitCostsOf({ totals });
    expect(units[0]?.cost_nano_usd).toMatchObject({ value: "9007199254740995", previous: "3" });
    expect(units[1]?.cost_nano_usd).toEqual({ value: null, previous: null, change: null });
    expect(unpriced_share).toBe(0.25);
  });
});

describe("error groups of two regions", () => {
  const row = (fingerprint: string, events: string, last: string, example: string) => ({
    ...{ fingerprint, events, last, example, first: "1", code: "E", tool: "", message_shape: "s" },
    ...{ users: "1", sessions: "1", users_state: "", sessions_state: "" },
  });

  it("are one by fingerprint, ordered by their counts together, shown with the latest example", () => {
    const groups = errorGroups([[row("a", "5", "10", "old"), row("b", "7", "11", "x")], [row("a", "3", "20", "new")]]);
    expect(groups.map(({ fingerprint, count }) => [fingerprint, count])).toEqual([
      ["a", 8],
      ["b", 7],
    ]);
    const [first] = groups;
    if (first === undefined) throw new Error("no group");
    expect(showErrorGroup(first, "2", "2")).toMatchObject({ count: 8, example: "new", users: 2 });
  });
});

describe("open hours", () => {
  it("are few ranges that hold every one of them and begin and end where they do", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 2_000 }), { minLength: 1, maxLength: 400 }), (numbers) => {
        const hours = numbers.sort((a, b) => a - b).map((n) => n * HOUR);
        const end = (hours.at(-1) ?? 0) + 48 * HOUR;
        const ranges = rangesOfHours(hours, end);
        expect(ranges.length).toBeLessThanOrEqual(50);
        expect([ranges[0]?.from, ranges.at(-1)?.to]).toEqual([hours[0], end]);
        for (const hour of hours) expect(ranges.some(({ from, to }) => from <= hour && hour + HOUR <= to)).toBe(true);
        for (const [i, { from, to }] of ranges.entries()) {
          expect(from < to && (i === 0 || (ranges[i - 1]?.to ?? 0) < from)).toBe(true);
        }
      }),
    );
  });
});
