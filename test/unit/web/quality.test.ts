/** What Quality makes of the API's answers: figures, rates and percentiles over time, acceptance, funnel, sessions of an error. */
import { describe, expect, it } from "vitest";
import { QuerySchema } from "../../../schema/api/query.ts";
import { lonely } from "../../../web/src/chart/time-data.ts";
import { acceptanceQuestion, acceptanceRows } from "../../../web/src/quality/acceptance.ts";
import { errorSessions, errorSessionsQuestion } from "../../../web/src/quality/error-sessions.ts";
import { funnelSteps } from "../../../web/src/quality/funnel.ts";
import { percentileData, rateData } from "../../../web/src/quality/over-time.ts";
import { NO_FIGURES, qualityStats } from "../../../web/src/quality/quality-stats.ts";
import { ACCEPTANCE_BY, QualitySearchSchema } from "../../../web/src/quality/search.ts";

const row = <D, V>(dimensions: D[], values: V[]) => ({ dimensions, values, previous: null });
const figure = (value: number, previous: number, change: number | null = null) => ({ value, previous, change });
const TIMES = ["2026-11-22T10:00:00.000Z", "2026-11-22T11:00:00.000Z", "2026-11-22T12:00:00.000Z"];
const series = (
  values: (number | null)[],
  total: number | null,
  previous?: { values: (number | null)[]; total: number | null },
  times = TIMES,
) => ({
  times,
  to: "2026-11-22T13:00:00.000Z",
  unit: "count" as const,
  series: [{ group: null, other: false, values, total, ...(previous === undefined ? {} : { previous }) }],
});

describe("a rate over time", () => {
  it("is a gap where there was nothing to be a part of, and 0 where nothing failed", () => {
    const { series: lines, starts, end } = rateData([series([1, 0, 0], 1), series([4, 0, 10], 14)], "error rate");
    expect(lines).toMatchObject([{ label: "error rate", values: [0.25, null, 0], total: 1 / 14 }]);
    expect([starts.length, end]).toEqual([3, Date.parse("2026-11-22T13:00:00.000Z")]);
  });

  it("has the period before when both answers have it", () => {
    const errors = series([1, 1, 1], 3, { values: [1, 0, 2], total: 3 });
    const events = series([2, 2, 2], 6, { values: [2, 0, 4], total: 6 });
    expect(rateData([errors, events], "r").series[1]).toMatchObject({
      before: true,
      values: [0.5, null, 0.5],
      total: 0.5,
    });
    expect(rateData([errors, series([2, 2, 2], 6)], "r").series).toHaveLength(1);
  });

  it("lays answers of ranges a minute apart over each other by time, not by place", () => {
    const later = [...TIMES.slice(1), "2026-11-22T13:00:00.000Z"];
    const { series: lines } = rateData([series([1, 2, 3], 6), series([20, 30, 40], 90, undefined, later)], "r");
    expect(lines[0]?.values).toEqual([null, 0.1, 0.1]);
  });

  it("is nothing without series", () => {
    const none = { ...series([], 0), series: [] };
    expect(rateData([none, none], "r").series).toEqual([]);
  });
});

describe("percentiles over time", () => {
  it("are two lines with gaps where no session ended; their totals are of the range, not sums", () => {
    const p50 = { ...series([1_000, null, 3_000], 2_000), unit: "ms" as const };
    const p95 = { ...series([9_000, null, 9_500], 9_200), unit: "ms" as const };
    expect(percentileData([p50, p95]).series).toMatchObject([
      { label: "p50", values: [1_000, null, 3_000], total: 2_000 },
      { label: "p95", values: [9_000, null, 9_500], total: 9_200 },
    ]);
  });

  it("show a value between two gaps as a dot", () => {
    expect(lonely([1, null, 2, null, null, 3, 4, null, 5])).toEqual([0, 2, 8]);
    expect(lonely([])).toEqual([]);
  });
});

describe("the figures of Quality", () => {
  const length = (value: number | null, previous: number | null, change: number | null) => ({
    value,
    previous,
    change,
  });
  const stats = qualityStats({
    totals: {
      events: figure(1_000, 500),
      errors: figure(30, 30, 0),
      sessions: figure(10, 5),
      pull_requests: figure(0, 0),
      accepted: figure(9, 1),
      rejected: figure(1, 1),
    },
    duration_ms: { p50: length(192_000, 96_000, 1), p95: length(null, null, null) },
  });
  const by = (key: string) => stats.find((stat) => stat.key === key);

  it("compare rates with rates", () => {
    expect(by("error-rate")).toMatchObject({ value: "3\u00a0%", exact: "30 errors in 1,000 events" });
    expect(by("error-rate")?.change).toBeCloseTo(-0.5);
    expect(by("acceptance")).toMatchObject({ value: "90\u00a0%", note: "of 10" });
    expect(by("errors")?.note).toBe("3.00 a session");
  });

  it("are not known when there was nothing, and never 0", () => {
    expect(by("p50")).toMatchObject({ value: "3\u00a0m\u00a012\u00a0s", exact: "192,000 ms, of sessions that ended" });
    expect(by("p95")).toMatchObject({ value: "—", change: undefined, note: "none ended" });
    expect(by("pull-requests")).toMatchObject({ value: "0", change: undefined });
    const none = qualityStats(NO_FIGURES);
    expect(none.map(({ key, value }) => [key, value])).toEqual([
      ["error-rate", "—"],
      ["errors", "0"],
      ["p50", "—"],
      ["p95", "—"],
      ["acceptance", "—"],
      ["pull-requests", "0"],
    ]);
  });
});

describe("acceptance", () => {
  it("is asked so that the API takes it", () => {
    for (const by of ACCEPTANCE_BY) expect(QuerySchema.safeParse(acceptanceQuestion(by)).success).toBe(true);
  });

  it("is of what was decided on, most decided first, with a row for events that do not say", () => {
    const rows = [row(["go"], [4, 3, 100]), row([null], [8, 0, null])];
    expect(acceptanceRows({ rows })).toEqual([
      { name: "", decided: 8, accepted: 0, rejected: 8, lines: 0, rate: 0 },
      { name: "go", decided: 4, accepted: 3, rejected: 1, lines: 100, rate: 0.75 },
    ]);
  });
});

describe("the funnel", () => {
  it("says what each step kept and lost", () => {
    const steps = funnelSteps({
      steps: [
        { step: "session", sessions: 10, of_sessions: 1, of_step_before: 1 },
        { step: "code", sessions: 8, of_sessions: 0.8, of_step_before: 0.8 },
        { step: "pull_request", sessions: 2, of_sessions: 0.2, of_step_before: 0.25 },
      ],
    });
    expect(steps.map(({ sessions, ofStepBefore, lost }) => [sessions, ofStepBefore, lost])).toEqual([
      [10, null, 0],
      [8, 0.8, 2],
      [2, 0.25, 6],
    ]);
  });
});

describe("the sessions of an error", () => {
  it("are asked for by code and tool; an empty one is one that is not there", () => {
    const question = errorSessionsQuestion({ code: "exit_code", tool: "" });
    expect(QuerySchema.safeParse(question).success).toBe(true);
    expect(question.filters).toEqual({
      op: "and",
      filters: [
        { op: "eq", of: "type", value: "error" },
        { op: "eq", of: "error_code", value: "exit_code" },
        { op: "not", filter: { op: "exists", of: "tool_name" } },
      ],
    });
  });

  it("are listed with their user; what names no session is in none", () => {
    const rows = [row(["s1", "ليلى"], [3, TIMES[0] ?? ""]), row(["", "x"], [1, null]), row(["s2", null], [1, null])];
    expect(errorSessions({ rows })).toEqual([
      { session: "s1", user: "ليلى", errors: 3, last: Date.parse(TIMES[0] ?? "") },
      { session: "s2", user: "", errors: 1, last: null },
    ]);
  });
});

describe("the URL of Quality", () => {
  it("drops what it does not know", () => {
    expect(QualitySearchSchema.parse({ accepted: "mood", error: "abc" })).toEqual({
      accepted: undefined,
      error: "abc",
    });
  });
});
