/** Filters as the builder shows and makes them: a condition from what was typed, a condition in words. Pure. */
import { QUERY_COLUMNS } from "../../../schema/api/query-catalogue.ts";
import { kindOf } from "../../../schema/api/query-checks.ts";
import type { Filter, Operand, Scalar } from "../../../schema/api/query-parts.ts";
import { fromLocalInput } from "../app/local-input.ts";
import { formatUsdExact } from "../format/money.ts";
import { formatMoment, type Zone } from "../format/time.ts";
import { type FilterOperator, OPERATOR_LABELS, operandLabel } from "./choices.ts";

const NANO_DIGITS = 9;

/** A condition, or why what was typed makes none. Several values of "is one of" are apart by commas or lines. */
export function conditionOf(
  of: Operand,
  operator: FilterOperator,
  typed: string,
  zone: Zone,
): Filter | { problem: string } {
  const denied = operator.startsWith("not_");
  const op = operator.replace(/^not_/, "") as Exclude<FilterOperator, `not_${string}`>;
  const condition = plainCondition(of, op, typed, zone);
  if ("problem" in condition || !denied) return condition;
  return { op: "not", filter: condition };
}

function plainCondition(
  of: Operand,
  op: Exclude<FilterOperator, `not_${string}`>,
  typed: string,
  zone: Zone,
): Filter | { problem: string } {
  if (op === "exists") return { op, of };
  if (op === "in") {
    const values: Scalar[] = [];
    for (const part of typed.split(/[\n,]/).map((one) => one.trim())) {
      if (part === "") continue;
      const value = scalarOf(of, part, zone);
      if (typeof value === "object") return value;
      values.push(value);
    }
    return values.length === 0 ? { problem: "Type one value or more, with commas between." } : { op, of, values };
  }
  const ordered = op !== "eq" && op !== "contains";
  const value = ordered && kindOf(of) === "path" ? numberOf(typed) : scalarOf(of, typed.trim(), zone);
  if (typeof value === "object") return value;
  return op === "contains" ? { op, of, value: String(value) } : { op, of, value };
}

function scalarOf(of: Operand, typed: string, zone: Zone): Scalar | { problem: string } {
  if (typed === "" && kindOf(of) !== "text") return { problem: "Type a value." };
  switch (kindOf(of)) {
    case "boolean":
      return typed === "true";
    case "number":
      return numberOf(typed);
    case "money":
      return nanoOf(typed) ?? { problem: "Type an amount in USD, as 12.50." };
    case "time": {
      const at = fromLocalInput(typed, zone);
      return at === null ? { problem: "Choose a day and a time." } : new Date(at).toISOString();
    }
    case "path":
      // What metadata holds has its own type: numbers and truth as such, all else as text.
      return typed === "true" || typed === "false" ? typed === "true" : plainNumber(typed) ? Number(typed) : typed;
    default:
      return typed;
  }
}

const plainNumber = (typed: string): boolean => /^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(typed);

function numberOf(typed: string): number | { problem: string } {
  const value = Number(typed.trim());
  return typed.trim() === "" || !Number.isFinite(value) ? { problem: "Type a number." } : value;
}

/** USD as nano-USD, without a double in between: "0.0000042" is "4200". */
export function nanoOf(usd: string): string | null {
  const parts = /^(-?)\$?(\d{1,9})(?:\.(\d{0,9}))?$/.exec(usd.replaceAll(" ", ""));
  if (parts === null) return null;
  const [, sign = "", dollars = "0", fraction = ""] = parts;
  return String(BigInt(`${sign}${dollars}${fraction.padEnd(NANO_DIGITS, "0")}`));
}

/** A condition in words: `Cost is more than $1.00`. */
export function filterWords(filter: Filter, zone: Zone): string {
  switch (filter.op) {
    case "and":
    case "or":
      return filter.filters.map((one) => `(${filterWords(one, zone)})`).join(` ${filter.op} `);
    case "not": {
      const { filter: denied } = filter;
      if (denied.op === "eq" || denied.op === "in" || denied.op === "contains" || denied.op === "exists") {
        return conditionWords(denied, OPERATOR_LABELS[`not_${denied.op}`], zone);
      }
      return `not (${filterWords(denied, zone)})`;
    }
    default:
      return conditionWords(filter, OPERATOR_LABELS[filter.op], zone);
  }
}

type Leaf = Extract<Filter, { of: Operand }>;

function conditionWords(leaf: Leaf, operator: string, zone: Zone): string {
  const start = `${operandLabel(leaf.of)} ${operator}`;
  if (leaf.op === "exists") return start;
  const values = leaf.op === "in" ? leaf.values : [leaf.value];
  return `${start} ${values.map((value) => valueWords(leaf.of, value, zone)).join(", ")}`;
}

function valueWords(of: Operand, value: Scalar, zone: Zone): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof of === "string" && QUERY_COLUMNS[of].kind === "money") return formatUsdExact(value);
  if (typeof of === "string" && QUERY_COLUMNS[of].kind === "time") return formatMoment(Date.parse(String(value)), zone);
  return value === "" ? "not given" : String(value);
}

/** The conditions at the top, and whether all or any of them must hold. Deeper ones stay whole. */
export function conditionsOf(filters: Filter | undefined): { match: "and" | "or"; list: readonly Filter[] } {
  if (filters === undefined) return { match: "and", list: [] };
  return filters.op === "and" || filters.op === "or"
    ? { match: filters.op, list: filters.filters }
    : { match: "and", list: [filters] };
}

export function filtersOf(match: "and" | "or", list: readonly Filter[]): Filter | undefined {
  return list.length < 2 ? list[0] : { op: match, filters: [...list] };
}
