/**
 * A measure as SQL and as an answer. It is made of parts. A part is computed in three steps, so that sources and regions can be put
 * together: a partial over the rows of each source, its value over all partials of a group, a text that other regions' texts join.
 * Called by compile.ts (the first two) and answer.ts (the third, and finishing). Pure.
 */

import type { Value } from "../../../schema/api/query.ts";
import { PERCENTILES, type Percentile, QUERY_COLUMNS, type QueryUnit } from "../../../schema/api/query-catalogue.ts";
import type { Measure, SimpleMeasure } from "../../../schema/api/query-parts.ts";
import { type Sql, sql } from "../../shared/sql.ts";
import { allOf, filterSql } from "./filters.ts";
import { type OperandSql, operandSql, type Paths } from "./operands.ts";
import { histogramQuantile, type PartKind, rational, wholeOrNull } from "./parts.ts";

type Free = Sql<"free">;

export interface Part {
  kind: PartKind;
  /** Partial over the events that meet a condition. */
  raw(condition: Free): Free;
  /** The same over rollup rows; absent: rollups cannot say. */
  rolled?: ((condition: Free) => Free) | undefined;
  /** Over partials, as something to order by. */
  value(partial: Free): Free;
  /** Over partials, as Nullable(String). */
  text(partial: Free): Free;
}

export interface CompiledMeasure {
  unit: QueryUnit;
  parts: readonly Part[];
  /** Out of the parts' values, as something to order by. `seconds`: length of the row's step. */
  order(values: readonly Free[], seconds: Free): Free;
  /** The answer's value out of the parts' texts; `ms` is the step's length. */
  finish(texts: readonly (string | null)[], ms: number): Value;
}

/** Milliseconds of each unit that a rate may be of, and the seconds in SQL. */
const RATE_MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;

/** Compiles a checked measure. `united`: regions are put together, so distinct values and percentiles travel as what they rest on. */
export function compileMeasure(measure: Measure, united: boolean, paths: Paths): CompiledMeasure {
  if (measure.fn === "ratio") {
    return ratio(compileSimple(measure.numerator, united, paths), compileSimple(measure.denominator, united, paths));
  }
  if (measure.fn !== "rate") return compileSimple(measure, united, paths);
  const { of, where, per } = measure;
  const total = compileSimple(of === undefined ? { fn: "count", where } : { fn: "sum", of, where }, united, paths);
  return {
    ...total,
    order: (values, seconds) => sql`toFloat64(${total.order(values, seconds)}) / ${seconds}`,
    finish: (texts, ms) => {
      const value = total.finish(texts, ms);
      if (typeof value === "string") return rational(BigInt(value) * BigInt(RATE_MS[per]), BigInt(ms));
      return value === null ? null : (value * RATE_MS[per]) / ms;
    },
  };
}

/** A quotient. Money by anything else is money, a cost per something; money by money is a plain number. */
function ratio(top: CompiledMeasure, bottom: CompiledMeasure): CompiledMeasure {
  const cut = top.parts.length;
  const isMoney = top.unit === "nano_usd" && bottom.unit !== "nano_usd";
  return {
    unit: isMoney ? "nano_usd" : "ratio",
    parts: [...top.parts, ...bottom.parts],
    order: (values, seconds) =>
      sql`toFloat64(${top.order(values.slice(0, cut), seconds)}) / nullIf(toFloat64(${bottom.order(values.slice(cut), seconds)}), 0)`,
    finish: (texts, ms) => {
      const a = top.finish(texts.slice(0, cut), ms);
      const b = bottom.finish(texts.slice(cut), ms);
      if (a === null || b === null || Number(b) === 0) return null;
      if (!isMoney) return Number(a) / Number(b);
      return Number.isSafeInteger(b) ? rational(BigInt(a), BigInt(b)) : wholeOrNull(Number(a) / Number(b));
    },
  };
}

type Met = (condition: Free, ...more: Free[]) => Free;

function compileSimple(measure: SimpleMeasure, united: boolean, paths: Paths): CompiledMeasure {
  const where = measure.where === undefined ? [] : [filterSql(measure.where, paths)];
  const met: Met = (condition, ...more) => allOf([condition, ...where, ...more]);
  if (measure.of === undefined) return single("events", events(met), Number);
  const operand = operandSql(measure.of, paths);
  const unit = typeof measure.of === "string" ? QUERY_COLUMNS[measure.of].unit : "none";
  const read = (text: string): Value => (operand.kind === "money" ? text : Number(text));
  switch (measure.fn) {
    case "count":
      return single("events", present(operand, met, operand.exists), Number);
    case "sum":
      return single(unit, total(operand, met), read);
    case "avg":
      return average(unit, operand, met);
    case "min":
    case "max":
      return extreme(unit, measure.fn, operand, met);
    case "uniq":
      return single("none", united ? keys(operand, met) : distinct(operand, met), Number);
    default:
      return united ? unitedPercentile(unit, measure.fn, operand, met) : percentile(unit, measure.fn, operand, met);
  }
}

function single(unit: QueryUnit, part: Part, read: (text: string) => Value): CompiledMeasure {
  return {
    unit,
    parts: [part],
    order: ([value = sql`NULL`]) => value,
    finish: ([text]) => (text === null || text === undefined ? null : read(text)),
  };
}

/** A part that is added up. */
function added(kind: "sum" | "float", raw: Part["raw"], rolled?: Part["rolled"]): Part {
  const value = (partial: Free): Free => sql`sum(${partial})`;
  return { kind, raw, rolled, value, text: (partial) => sql`toNullable(toString(${value(partial)}))` };
}

function events(met: Met): Part {
  return added(
    "sum",
    (condition) => sql`toInt128(countIf(${met(condition)}))`,
    (condition) => sql`toInt128(sumIf(events, ${met(condition)}))`,
  );
}

/** Number of events that have a value. */
function present({ rolled }: OperandSql, met: Met, is: Free): Part {
  const { count } = rolled ?? {};
  return added(
    "sum",
    (condition) => sql`toInt128(countIf(${met(condition, is)}))`,
    count === undefined ? undefined : (condition) => sql`toInt128(sumIf(${count}, ${met(condition)}))`,
  );
}

/** A sum, 0 of nothing; whole numbers in 128 bits, because 10,000 events of the largest cost exceed 64. */
function total({ kind, number, rolled }: OperandSql, met: Met): Part {
  if (kind === "path") return added("float", (condition) => sql`sumIf(ifNull(${number}, 0), ${met(condition)})`);
  const { sum } = rolled ?? {};
  return added(
    "sum",
    (condition) => sql`sumIf(toInt128(ifNull(${number}, 0)), ${met(condition)})`,
    sum === undefined ? undefined : (condition) => sql`sumIf(toInt128(${sum}), ${met(condition)})`,
  );
}

function average(unit: QueryUnit, operand: OperandSql, met: Met): CompiledMeasure {
  return {
    unit,
    parts: [total(operand, met), present(operand, met, sql`isNotNull(${operand.number})`)],
    order: ([sum = sql`0`, count = sql`0`]) => sql`toFloat64(${sum}) / nullIf(${count}, 0)`,
    finish: ([sum, count]) => {
      if (sum === null || sum === undefined || count === null || count === undefined || count === "0") return null;
      return operand.kind === "money" ? rational(BigInt(sum), BigInt(count)) : Number(sum) / Number(count);
    },
  };
}

function extreme(unit: QueryUnit, fn: "min" | "max", operand: OperandSql, met: Met): CompiledMeasure {
  const isTime = operand.kind === "time";
  const of = isTime ? sql`toUnixTimestamp64Milli(${operand.value})` : operand.number;
  const value = (partial: Free): Free => (fn === "min" ? sql`min(${partial})` : sql`max(${partial})`);
  const part: Part = {
    kind: operand.kind === "path" ? (fn === "min" ? "float_min" : "float_max") : fn,
    raw: (condition) => (fn === "min" ? sql`minIf(${of}, ${met(condition)})` : sql`maxIf(${of}, ${met(condition)})`),
    value,
    text: (partial) => sql`toString(${value(partial)})`,
  };
  return single(unit, part, (text) => {
    if (isTime) return new Date(Number(text)).toISOString();
    return operand.kind === "money" ? text : Number(text);
  });
}

/** Distinct values by the states of the rollups: exact up to 8,192. */
function distinct({ text, rolled }: OperandSql, met: Met): Part {
  const values = rolled?.values;
  const value = (partial: Free): Free => sql`uniqCombined64Merge(18)(${partial})`;
  return {
    kind: "only",
    raw: (condition) =>
      sql`uniqCombined64StateIf(18)(assumeNotNull(${text}), ${met(condition, sql`isNotNull(${text})`)})`,
    rolled:
      values === undefined
        ? undefined
        : (condition) => sql`uniqCombined64MergeStateIf(18)(${values}, ${met(condition)})`,
    value,
    text: (partial) => sql`toNullable(toString(${value(partial)}))`,
  };
}

/** Distinct values as sorted 64-bit keys, 16 hex digits each: two regions' are united, never added. */
function keys({ text }: OperandSql, met: Met): Part {
  const value = (partial: Free): Free => sql`groupUniqArrayArray(${partial})`;
  return {
    kind: "keys",
    raw: (condition) =>
      sql`groupUniqArrayIf(sipHash64(assumeNotNull(${text})), ${met(condition, sql`isNotNull(${text})`)})`,
    value: (partial) => sql`length(${value(partial)})`,
    text: (partial) =>
      sql`toNullable(arrayStringConcat(arraySort(arrayMap(k -> leftPad(hex(k), 16, '0'), ${value(partial)}))))`,
  };
}

/** Place of a level in the quantiles state. */
const LEVEL: Record<Percentile, Free> = { p50: sql`1`, p90: sql`2`, p95: sql`3`, p99: sql`4` };
const LEVELS = sql`0.5, 0.9, 0.95, 0.99`;

/** A percentile by the states of the rollups, a histogram of values cut to 8 bits of mantissa: at most 0.8 % towards zero. */
function percentile(unit: QueryUnit, fn: Percentile, { number, kind, rolled }: OperandSql, met: Met): CompiledMeasure {
  const quantiles = rolled?.quantiles;
  const value = (partial: Free): Free => sql`quantilesBFloat16Merge(${LEVELS})(${partial})[${LEVEL[fn]}]`;
  const orNull = (partial: Free): Free => sql`if(isFinite(${value(partial)}), toNullable(${value(partial)}), NULL)`;
  const part: Part = {
    kind: "only",
    raw: (condition) =>
      sql`quantilesBFloat16StateIf(${LEVELS})(assumeNotNull(${number}), ${met(condition, sql`isNotNull(${number})`)})`,
    rolled:
      quantiles === undefined
        ? undefined
        : (condition) => sql`quantilesBFloat16MergeStateIf(${LEVELS})(${quantiles}, ${met(condition)})`,
    value: orNull,
    text: (partial) => sql`toString(${orNull(partial)})`,
  };
  return single(unit, part, (text) => (kind === "money" ? wholeOrNull(Number(text)) : Number(text)));
}

/** The same where regions are put together: they send the histogram, and the sum of two is that of all events. */
function unitedPercentile(unit: QueryUnit, fn: Percentile, { number, kind }: OperandSql, met: Met): CompiledMeasure {
  const bin = sql`toUInt16(bitShiftRight(reinterpretAsUInt32(toFloat32(assumeNotNull(${number}))), 16))`;
  const part: Part = {
    kind: "histogram",
    raw: (condition) => sql`sumMapIf(map(${bin}, toUInt64(1)), ${met(condition, sql`isNotNull(${number})`)})`,
    value: () => sql`0`,
    text: (partial) => sql`toNullable(toJSONString(sumMap(${partial})))`,
  };
  return single(unit, part, (text) => {
    const found = histogramQuantile(text, PERCENTILES[fn]);
    return found === null || kind !== "money" ? found : wholeOrNull(found);
  });
}
