/** Summary and series against the second opinion. */
import { expect } from "vitest";
import {
  GROUP_BY,
  INTERVALS,
  METRICS,
  SERIES_METRICS,
  SummaryAnswerSchema,
  TimeseriesAnswerSchema,
  unitOf,
} from "../../../schema/api/metrics.ts";
import { type Asking, iso, queryOf, ZONES } from "./asking.ts";
import { cells, totals } from "./second-opinion.ts";
import { DAY, HOUR } from "./world.ts";

export async function checkSummary(asking: Asking): Promise<string[]> {
  const { world } = asking;
  const asker = asking.asker();
  const of = asking.range();
  const by = asking.filters();
  const path = `/api/v1/metrics/summary?${queryOf(by, { from: iso(of.from), to: iso(of.to) })}`;
  const answer = SummaryAnswerSchema.strict().parse(await asking.get(asker, path));
  if (answer.stale_hours.length > 0) return ["stale"];
  const expected = await totals(world, { ...asker.asked, ...of, filters: by });
  const before = { from: Date.parse(answer.previous_from), to: of.from };
  const expectedBefore = await totals(world, { ...asker.asked, ...before, filters: by });
  for (const metric of METRICS) {
    const { value, previous } = answer.totals[metric];
    expect([path, metric, String(value), String(previous)]).toEqual([
      path,
      metric,
      expected[metric],
      expectedBefore[metric],
    ]);
  }
  for (const level of ["p50", "p95"] as const) {
    const { value, previous } = answer.duration_ms[level];
    const name = `duration_${level}`;
    expect([path, name, value ?? 0, previous ?? 0]).toEqual([
      path,
      name,
      Number(expected[name]),
      Number(expectedBefore[name]),
    ]);
  }
  return answer.sources;
}

export async function checkSeries(asking: Asking): Promise<string[]> {
  const { world, random } = asking;
  const asker = asking.asker();
  const of = asking.range();
  const metric = asking.oneOf(SERIES_METRICS);
  const zone = asking.oneOf(ZONES);
  const groupBy = random() < 0.5 ? asking.oneOf(GROUP_BY) : undefined;
  const compare = random() < 0.3 ? "previous" : undefined;
  const buckets = of.to - of.from;
  const interval = asking.oneOf(
    INTERVALS.filter((one) => (one === "10s" ? buckets < 6 * HOUR : one !== "1m" || buckets < DAY)),
  );
  const by = asking.filters();
  const rest = { metric, interval, timezone: zone, group_by: groupBy, compare, from: iso(of.from), to: iso(of.to) };
  const path = `/api/v1/metrics/timeseries?${queryOf(by, rest)}`;
  const answer = TimeseriesAnswerSchema.strict().parse(await asking.get(asker, path));
  if (answer.stale_hours.length > 0) return ["stale"];
  const shown = (value: string | undefined): number | string | null =>
    unitOf(metric) === "nano_usd" ? (value ?? "0") : unitOf(metric) === "ms" ? Number(value ?? 0) : Number(value ?? 0);
  const expected = await cells(world, { ...asker.asked, ...of, filters: by }, { metric, interval, zone, groupBy });
  const groups =
    groupBy === undefined ? [""] : [...new Set([...expected.keys()].map((key) => key.split(" ")[0] ?? ""))];
  // Groups that only the compared period has are together in `other`.
  const named = answer.series.filter(({ other, group }) => !(other && groupBy !== undefined) || group !== null);
  expect([path, named.map(({ group }) => group ?? "").sort()]).toEqual([path, groups.sort()]);
  const times = new Set(answer.times);
  for (const key of expected.keys()) {
    const at = key.split(" ").at(-1) ?? "";
    // The first bucket may begin before the range: then ClickHouse names the same start.
    expect([path, key, at === "total" || times.has(at)]).toEqual([path, key, true]);
  }
  for (const { group, total, values, previous } of named) {
    expect([path, group, total ?? 0]).toEqual([path, group, shown(expected.get(`${group ?? ""} total`))]);
    const wanted = answer.times.map((at) => shown(expected.get(`${group ?? ""} ${at}`)));
    expect([path, group, values.map((value) => value ?? 0)]).toEqual([path, group, wanted]);
    if (answer.previous_from === null || previous === undefined) continue;
    const before = { from: Date.parse(answer.previous_from), to: of.from };
    const old = await cells(world, { ...asker.asked, ...before, filters: by }, { metric, interval, zone, groupBy });
    expect([path, group, "previous", previous.total ?? 0]).toEqual([
      path,
      group,
      "previous",
      shown(old.get(`${group ?? ""} total`)),
    ]);
  }
  return answer.sources;
}
