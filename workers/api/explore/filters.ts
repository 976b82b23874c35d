/**
 * A filter tree as one condition (UInt8). Called by measures.ts and compile.ts. Pure; every value is bound. A comparison with a
 * value that is not there is 0 and never NULL, so that `not` means what people expect.
 */
import type { Filter, Scalar } from "../../../schema/api/query-parts.ts";
import { joinSql, param, type Sql, sql } from "../../shared/sql.ts";
import { type OperandSql, operandSql, type Paths } from "./operands.ts";

type Free = Sql<"free">;

/** The condition of a checked filter over rows that have `paths` as columns. */
export function filterSql(filter: Filter, paths: Paths): Free {
  switch (filter.op) {
    case "and":
      return allOf(filter.filters.map((one) => filterSql(one, paths)));
    case "or":
      return anyOf(filter.filters.map((one) => filterSql(one, paths)));
    case "not":
      return sql`not(${filterSql(filter.filter, paths)})`;
    case "exists":
      return operandSql(filter.of, paths).exists;
    case "contains": {
      const { stored, text } = operandSql(filter.of, paths);
      return known(sql`positionCaseInsensitiveUTF8(${stored ?? text}, ${param("String", filter.value)}) > 0`);
    }
    case "in":
      return inSql(operandSql(filter.of, paths), filter.values);
    default:
      return compareSql(filter.op, operandSql(filter.of, paths), filter.value);
  }
}

export function allOf(conditions: readonly Free[]): Free {
  const [only] = conditions;
  return conditions.length === 1 && only !== undefined ? only : sql`and(${joinSql(conditions, ", ", sql`1, 1`)})`;
}

function anyOf(conditions: readonly Free[]): Free {
  const [only] = conditions;
  return conditions.length === 1 && only !== undefined ? only : sql`or(${joinSql(conditions, ", ", sql`0, 0`)})`;
}

const known = (condition: Free): Free => sql`ifNull(${condition}, 0)`;

function inSql(operand: OperandSql, values: readonly Scalar[]): Free {
  const { kind, stored, text, number } = operand;
  if (kind === "money") {
    return known(sql`${text} IN ${param("Array(String)", values.map(wholeText))}`);
  }
  if (stored !== undefined) return sql`${stored} IN ${param("Array(String)", values.map(String))}`;
  const numbers = values.filter((value) => typeof value === "number");
  const texts = values.filter((value) => typeof value !== "number").map(String);
  const conditions = [
    ...(texts.length === 0 ? [] : [known(sql`${text} IN ${param("Array(String)", texts)}`)]),
    ...(numbers.length === 0 ? [] : [known(sql`toFloat64(${number}) IN ${param("Array(Float64)", numbers)}`)]),
  ];
  return anyOf(conditions);
}

const OPERATORS = { eq: sql` = `, gt: sql` > `, gte: sql` >= `, lt: sql` < `, lte: sql` <= ` } as const;

function compareSql(op: keyof typeof OPERATORS, operand: OperandSql, value: Scalar): Free {
  const operator = OPERATORS[op];
  switch (operand.kind) {
    case "text":
      return sql`${operand.stored ?? operand.text}${operator}${param("String", String(value))}`;
    case "time":
      return known(sql`${operand.value}${operator}${param("DateTime64(3, 'UTC')", Date.parse(String(value)))}`);
    case "money":
      return known(sql`${operand.number}${operator}${param("Int128", wholeText(value))}`);
    case "boolean":
      return known(sql`${operand.text}${operator}${param("String", String(value))}`);
    default:
      return typeof value === "number"
        ? known(sql`${operand.number}${operator}${param("Float64", value)}`)
        : known(sql`${operand.text}${operator}${param("String", String(value))}`);
  }
}

/** Money as the database writes it: no leading zeros, no minus zero. */
function wholeText(value: Scalar): string {
  return BigInt(value).toString();
}
