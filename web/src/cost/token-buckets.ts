/** Tokens by bucket over time, out of a question by time: the steps without events, which its answer leaves out, are 0. Pure. */
import type { TimeseriesAnswer } from "../../../schema/api/metrics.ts";
import type { QueryAnswer } from "../../../schema/api/query.ts";
import type { ViewQuestion } from "../app/use-question.ts";
import { seriesToken, type TimeData } from "../chart/time-data.ts";

/** Reasoning is a part of output: a line beside the four that add up, and it stays when output is isolated. */
const BUCKETS = [
  { of: "input_tokens", key: "input", label: "Input" },
  { of: "output_tokens", key: "output", label: "Output" },
  { of: "cache_read_tokens", key: "cache read", label: "Cache read" },
  { of: "cache_write_tokens", key: "cache write", label: "Cache write" },
  { of: "reasoning_tokens", key: "output before", label: "Reasoning, in output", before: true },
] as const;

/** Steps of one answer: the API gives at most 360 to an automatic interval, and a day for each of a year and a bit. */
const MAX_STEPS = 1_000;

export const TOKEN_QUESTION: ViewQuestion = {
  dimensions: ["time"],
  measures: BUCKETS.map(({ of }) => ({ fn: "sum", of, as: of })),
  limit: MAX_STEPS,
};

/** `grid`: a series over the same range, for the starts of all steps. */
export function tokenData([answer, grid]: readonly [QueryAnswer, Pick<TimeseriesAnswer, "times" | "to">]): TimeData {
  const rows = new Map(answer.rows.map(({ dimensions, values }) => [dimensions[0], values]));
  return {
    starts: grid.times.map((time) => Date.parse(time)),
    end: Date.parse(grid.to),
    series: BUCKETS.map(({ of: _of, ...series }, index) => ({
      ...series,
      token: seriesToken(index),
      values: grid.times.map((time) => Number(rows.get(time)?.[index] ?? 0)),
    })),
  };
}
