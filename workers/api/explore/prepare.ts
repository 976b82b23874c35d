/**
 * A question with its range, steps, compared period and compiled measures: all that depends on clock and calendar. Called by run.ts
 * before anything is read. Pure.
 */
import type { Question } from "../../../schema/api/query.ts";
import { type Buckets, bucketsOf } from "../buckets.ts";
import { chooseInterval, periodBefore, type Range } from "../range.ts";
import { type Prepared, pathsOf } from "./compile.ts";
import { compileMeasure } from "./measures.ts";

/** `united`: the answers of two regions are put together. Throws PublicError `invalid_request`. */
export function prepare(question: Question, range: Range, united: boolean): Prepared {
  const isCompared = question.compare !== undefined;
  const interval = question.dimensions.includes("time") ? chooseInterval(question.interval, range) : undefined;
  const buckets = interval === undefined ? undefined : bucketsOf(range, interval, question.timezone, isCompared);
  const previous = isCompared ? (buckets?.previous ?? periodBefore(range)) : undefined;
  const paths = pathsOf(question);
  const lengths = lengthsOf(range, buckets);
  return {
    question,
    range,
    buckets,
    previous,
    measures: question.measures.map((measure) => compileMeasure(measure, united, paths)),
    paths,
    lengths,
    previousLengths: previous === undefined ? [] : previousLengths(previous, buckets, lengths, question.timezone),
  };
}

/** Of each step, the part inside the range. */
function lengthsOf(range: Range, buckets: Buckets | undefined): number[] {
  if (buckets === undefined) return [range.to - range.from];
  const { starts } = buckets;
  return starts.map((start, i) => Math.min(starts[i + 1] ?? range.to, range.to) - Math.max(start, range.from));
}

/** A compared period that is moved as a whole has the same steps; one of whole days has its own, an hour longer or shorter. */
function previousLengths(
  previous: Range,
  buckets: Buckets | undefined,
  lengths: readonly number[],
  zone: string,
): readonly number[] {
  const isMoved = buckets?.rule.compared === undefined || buckets.rule.compared.moveBuckets === 0;
  return isMoved ? lengths : lengthsOf(previous, bucketsOf(previous, buckets.rule.interval, zone, false));
}
