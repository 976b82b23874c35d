/** What Cost makes of the API's answers: figures, tokens by kind, rankings, sources, unpriced models. */
import { describe, expect, it } from "vitest";
import { QuerySchema } from "../../../schema/api/query.ts";
import { combined } from "../../../web/src/app/combined.ts";
import { filterOf, type ViewQuestion } from "../../../web/src/app/use-question.ts";
import { costStats, costTrend, NO_COSTS } from "../../../web/src/cost/cost-stats.ts";
import { rankedItems, rankingCells } from "../../../web/src/cost/ranking.ts";
import { CostSearchSchema } from "../../../web/src/cost/search.ts";
import { SOURCES_QUESTION, sourcesOf } from "../../../web/src/cost/sources.ts";
import { TOKEN_QUESTION, tokenData } from "../../../web/src/cost/token-buckets.ts";
import { hasTokens, UNPRICED_QUESTION, unpricedModels } from "../../../web/src/cost/unpriced.ts";
import { changeOfRate, rateOf, shareOf } from "../../../web/src/format/share.ts";

const figure = (value: number, previous: number, change: number | null = null) => ({ value, previous, change });
const row = <D, V>(dimensions: D[], values: V[]) => ({ dimensions, values, previous: null });

describe("shares", () => {
  it("of nothing are not known", () => {
    expect([shareOf(1n, 0n), rateOf(0, 0), changeOfRate(1, 0), changeOfRate(null, 1), changeOfRate(1, null)]).toEqual(
      Array(5).fill(null),
    );
  });

  it("are right for amounts of any size", () => {
    expect(shareOf(10n ** 30n, 4n * 10n ** 30n)).toBe(0.25);
    expect(shareOf(-1n, 3n)).toBeCloseTo(-1 / 3, 8);
    expect(changeOfRate(0.3, 0.2)).toBeCloseTo(0.5);
  });
});

describe("questions", () => {
  const asked = (question: ViewQuestion, more = {}) =>
    QuerySchema.safeParse({ from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z", ...question, ...more }).success;

  it("are such as the API takes, with every filter of the view", () => {
    const search = { team: "a", agent: "b", model: "c", repo: "d", environment: "e" };
    for (const question of [SOURCES_QUESTION, UNPRICED_QUESTION, TOKEN_QUESTION]) {
      expect(asked(question)).toBe(true);
      expect(asked(question, { filters: filterOf(search, question.filters) })).toBe(true);
    }
  });

  it("hold the view's filters as conditions that all must be met", () => {
    expect(filterOf({})).toBeUndefined();
    expect(filterOf({ team: "core" })).toEqual({ op: "eq", of: "team", value: "core" });
    expect(filterOf({ team: "core" }, { op: "exists", of: "accepted" })).toEqual({
      op: "and",
      filters: [
        { op: "eq", of: "team", value: "core" },
        { op: "exists", of: "accepted" },
      ],
    });
  });
});

describe("two queries as one", () => {
  const query = (data: string | undefined, error: Error | null = null) => {
    const asked: string[] = [];
    return { data, error, isPlaceholderData: false, refetch: () => asked.push("again"), asked };
  };

  it("have an answer when both have", () => {
    expect(combined(query("a"), query(undefined)).data).toBeUndefined();
    expect(combined(query("a"), query("b")).data).toEqual(["a", "b"]);
  });

  it("fail when either does, and ask again only what failed", () => {
    const good = query("a");
    const bad = query(undefined, new Error("no"));
    const both = combined(good, bad);
    expect(both.error?.message).toBe("no");
    both.refetch();
    expect([good.asked, bad.asked]).toEqual([[], ["again"]]);
  });
});

describe("the figures of Cost", () => {
  const unit = (name: "session" | "pull_request" | "accepted_suggestion" | "line_added", value: string | null) => ({
    unit: name,
    count: figure(value === null ? 0 : 4, 2),
    cost_nano_usd: { value, previous: "100000000", change: value === null ? null : 0.5 },
  });
  const stats = costStats(
    {
      cost_nano_usd: { value: "123450000001", previous: "1", change: 2 },
      unpriced_tokens: figure(1_500, 0),
      unpriced_share: 0.04,
      units: [unit("session", "150000000"), unit("pull_request", null), unit("line_added", "4200000")],
    },
    {
      input_tokens: figure(100, 100),
      cache_read_tokens: figure(880, 0),
      cache_write_tokens: figure(20, 0),
    },
    [1, null],
  );
  const by = (key: string) => stats.find((stat) => stat.key === key);

  it("are short, and exact to the nano-dollar on hover", () => {
    expect(by("cost")).toMatchObject({ value: "$123.45", exact: "$123.450000001", change: 2, trend: [1, null] });
    expect(by("session")).toMatchObject({ value: "$0.15", exact: "$0.15 for each of 4 sessions", change: 0.5 });
    expect(by("unpriced")).toMatchObject({ value: "1.5\u00a0K", note: "4\u00a0% of all" });
  });

  it("of things that there are none of are not known, and never $0", () => {
    expect(by("pull_request")).toMatchObject({ value: "—", change: undefined, note: "no pull requests" });
    expect(by("accepted_suggestion")).toMatchObject({ value: "—", note: "$0.0042 a line" });
    expect(costStats(NO_COSTS.costs, NO_COSTS.totals, undefined).find(({ key }) => key === "cache")?.value).toBe("—");
  });

  it("count tokens from caches as a part of all that prompts held", () => {
    expect(by("cache")).toMatchObject({ value: "88\u00a0%" });
    expect(by("cache")?.exact).toContain("880 tokens read from caches, 100 fresh, 20 written");
  });

  it("draw the sum of all groups", () => {
    const series = (values: string[]) => ({ group: "g", other: false, total: "0", values });
    const answer = { times: ["a", "b"], series: [series(["1000000000", "0"]), series(["500000000", "0"])] };
    expect(costTrend(answer)).toEqual([1.5, 0]);
    expect(costTrend(undefined)).toBeUndefined();
  });
});

describe("tokens by kind", () => {
  it("are 0 in steps without events, on days of 23 and 25 hours too", () => {
    // Berlin's 25 October 2026 has 25 hours.
    const times = ["2026-10-23T22:00:00.000Z", "2026-10-24T22:00:00.000Z", "2026-10-25T23:00:00.000Z"];
    const rows = [row([times[0] ?? ""], [1, 2, 3, 4, 1]), row([times[2] ?? ""], [5, 6, 7, 2 ** 53, null])];
    const answer = { ...EMPTY, rows };
    const data = tokenData([answer, { times, to: "2026-10-26T23:00:00.000Z" }]);
    expect(data.starts).toEqual(times.map((time) => Date.parse(time)));
    expect(data.series.map(({ values }) => values)).toEqual([
      [1, 0, 5],
      [2, 0, 6],
      [3, 0, 7],
      [4, 0, 2 ** 53],
      [1, 0, 0],
    ]);
  });

  it("never stack reasoning on the output that it is a part of", () => {
    const { series } = tokenData([EMPTY, { times: [], to: "2026-11-01T00:00:00.000Z" }]);
    expect(series.filter(({ before }) => before === true).map(({ label }) => label)).toEqual(["Reasoning, in output"]);
  });
});

const EMPTY = {
  org_id: "acme",
  scope: "org" as const,
  from: "",
  to: "",
  previous_from: null,
  interval: "1d" as const,
  timezone: "UTC",
  dimensions: [],
  measures: [],
  rows: [],
  next_cursor: null,
  sources: [],
  stale_hours: [],
  complete_until: "",
};

describe("a ranking by cost", () => {
  const items = [
    { name: "a", value: "9007199254740993001", previous: "0", change: null, share: 0.999 },
    { name: "", value: "0", previous: "5", change: -1, share: 0 },
  ];

  it("keeps every digit, in sight of the pointer and in the file", () => {
    expect(rankedItems({ items })[0]).toMatchObject({
      text: "$9\u00a0B",
      exact: "$9,007,199,254.740993001, 100\u00a0% of all; $0.00 in the period before",
    });
    expect(rankingCells({ items })[0]?.[1]).toBe("9007199254740993001");
  });
});

describe("where costs come from", () => {
  const answer = {
    rows: [
      row(["reported", "gpt"], [3, 100, "300", 2, "200", 400]),
      row(["reported", "opus"], [1, 10, "100", 1, "100", 50]),
      row(["reported", null], [1, 0, "600", 0, "0", 0]),
      row(["unpriced", "gpt"], [5, 1_000, "0", 0, "0", 0]),
    ],
  };

  it("is added up by source; what has no price has no cost, which is not 0", () => {
    expect(sourcesOf(answer).rows).toEqual([
      { source: "reported", events: 5, tokens: 110, cost: 1_000n, share: 1 },
      { source: "unpriced", events: 5, tokens: 1_000, cost: null, share: null },
    ]);
  });

  it("compares only events that say both, the largest difference first", () => {
    const { variance, models } = sourcesOf(answer);
    expect(variance).toMatchObject({ events: 3, reported: 300n, computed: 450n, difference: -150n });
    expect(variance?.relative).toBeCloseTo(-1 / 3);
    expect(models.map(({ model, difference }) => [model, difference])).toEqual([
      ["gpt", -200n],
      ["opus", 50n],
    ]);
  });

  it("has nothing to compare when no event says both", () => {
    expect(sourcesOf({ rows: [] })).toEqual({ rows: [], variance: null, models: [] });
    expect(sourcesOf({ rows: [row(["computed", "m"], [1, 1, "0", 0, "0", null])] }).variance).toBeNull();
  });
});

describe("unpriced models", () => {
  it("are those with unpriced tokens, most first", () => {
    const rows = [row(["cheap"], [0, 50]), row([null], [10, 10]), row(["new"], [30, 60])];
    expect(unpricedModels({ rows })).toEqual([
      { model: "new", unpriced: 30, ofModel: 0.5, share: 0.75 },
      { model: "", unpriced: 10, ofModel: 1, share: 0.25 },
    ]);
  });

  it("are told apart from there being no tokens at all", () => {
    expect(hasTokens({ rows: [row(["m"], [0, 5])] })).toBe(true);
    expect(hasTokens({ rows: [row([null], [0, 0])] })).toBe(false);
  });
});

describe("the URL of Cost", () => {
  it("drops what it does not know", () => {
    expect(CostSearchSchema.parse({ by: "team", top: "x" })).toEqual({ by: "team", top: undefined });
  });
});
