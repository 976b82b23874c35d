/**
 * Rows of one region or two to the rows of an answer: regions put together by group, ordered, cut. Pure; called by run.ts.
 */
import type { Label, QueryAnswer, Value } from "../../../schema/api/query.ts";
import { kindOf } from "../../../schema/api/query-checks.ts";
import { dimensionName, measureName } from "../../../schema/api/query-parts.ts";
import { iso } from "../range.ts";
import { type OrderKey, orderOf, type Prepared, type Row } from "./compile.ts";
import { mergeParts } from "./parts.ts";

type Cell = Label;
interface Group {
  cells: Cell[];
  parts: (string | null)[];
}

/** Every region's rows as groups, each once. */
export function mergeRows(answers: readonly (readonly Row[])[], prepared: Prepared): Group[] {
  const kinds = prepared.measures.flatMap(({ parts }) => parts.map(({ kind }) => kind));
  const groups = new Map<string, { cells: Cell[]; texts: (string | null)[][] }>();
  for (const row of answers.flat()) {
    const cells = prepared.question.dimensions.map((_, i) => cellsOf(row)[i] ?? null);
    const key = JSON.stringify(cells);
    const group = groups.get(key) ?? { cells, texts: [] };
    group.texts.push(row.parts);
    groups.set(key, group);
  }
  const count = kinds.length * (prepared.previous === undefined ? 1 : 2);
  return [...groups.values()].map(({ cells, texts }) => ({
    cells,
    parts: Array.from({ length: count }, (_, i) =>
      mergeParts(
        kinds[i % kinds.length] ?? "only",
        texts.map((parts) => parts[i] ?? null),
      ),
    ),
  }));
}

function cellsOf({ d0, d1, d2, d3 }: Row): (Cell | undefined)[] {
  return [d0, d1, d2, d3];
}

type AnswerRow = QueryAnswer["rows"][number];

/** Groups as rows of the answer, in the order they came. */
export function answerRows(groups: readonly Group[], prepared: Prepared): AnswerRow[] {
  return groups.map(({ cells, parts }) => {
    const ms = lengthOf(cells, prepared);
    const half = parts.length / (prepared.previous === undefined ? 1 : 2);
    return {
      dimensions: cells.map((cell, i) => (isTime(prepared, i) ? startOf(cell, prepared) : cell)),
      values: finish(parts.slice(0, half), prepared, ms.current),
      previous: prepared.previous === undefined ? null : finish(parts.slice(half), prepared, ms.previous),
    };
  });
}

function finish(texts: readonly (string | null)[], { measures }: Prepared, ms: number): Value[] {
  let at = 0;
  return measures.map((measure) => {
    const mine = texts.slice(at, at + measure.parts.length);
    at += measure.parts.length;
    return measure.finish(mine, ms);
  });
}

const isTime = ({ question }: Prepared, place: number): boolean => question.dimensions[place] === "time";

function stepOf(cells: readonly Cell[], { question, buckets }: Prepared): number {
  const place = question.dimensions.indexOf("time");
  return place < 0 || buckets === undefined ? 0 : Number(cells[place]) - buckets.first;
}

function startOf(cell: Cell, { buckets }: Prepared): string {
  return iso(buckets?.starts[Number(cell) - buckets.first] ?? Number.NaN);
}

function lengthOf(cells: readonly Cell[], prepared: Prepared): { current: number; previous: number } {
  const step = stepOf(cells, prepared);
  const current = prepared.lengths[step] ?? 1;
  return { current, previous: prepared.previousLengths[step] ?? current };
}

/** Rows in the question's order; null is last whatever the direction. For regions that were put together. */
export function sortRows(rows: readonly AnswerRow[], prepared: Prepared): AnswerRow[] {
  const keys = orderOf(prepared.question);
  return [...rows].sort((a, b) => {
    for (const key of keys) {
      const difference = compareKey(valueAt(a, key), valueAt(b, key), key, prepared);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}

const valueAt = (row: AnswerRow, { of, place }: OrderKey): Label =>
  (of === "dimension" ? row.dimensions[place] : row.values[place]) ?? null;

function compareKey(a: Label, b: Label, { of, place, isDescending }: OrderKey, { measures }: Prepared): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const isMoney = of === "measure" && measures[place]?.unit === "nano_usd";
  const difference = isMoney ? compareWhole(String(a), String(b)) : compareLabels(a, b);
  return isDescending ? -difference : difference;
}

function compareWhole(a: string, b: string): number {
  const difference = BigInt(a) - BigInt(b);
  return difference === 0n ? 0 : difference < 0n ? -1 : 1;
}

/** As ClickHouse compares: texts by their bytes in UTF-8. */
function compareLabels(a: Exclude<Label, null>, b: Exclude<Label, null>): number {
  if (typeof a === "string" && typeof b === "string") return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

/** What stands above the rows. */
export function answerHead({ question, measures }: Prepared): Pick<QueryAnswer, "dimensions" | "measures"> {
  return {
    dimensions: question.dimensions.map((dimension) => ({
      name: dimensionName(dimension),
      kind: dimension === "time" ? ("time" as const) : kindOf(dimension),
    })),
    measures: question.measures.map((measure, i) => ({
      name: measureName(measure),
      fn: measure.fn,
      unit: measures[i]?.unit ?? "none",
    })),
  };
}
