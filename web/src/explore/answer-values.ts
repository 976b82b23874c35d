/** Values and labels of an answer to a question as text, short and exact. Pure. */
import type { Label, QueryAnswer, Value } from "../../../schema/api/query.ts";
import type { QueryUnit } from "../../../schema/api/query-catalogue.ts";
import { formatUsd, formatUsdExact } from "../format/money.ts";
import { formatCount, formatExact, NO_VALUE } from "../format/number.ts";
import { formatDuration, formatMoment, type Zone } from "../format/time.ts";
import { type UnitFormat, unitFormat } from "../format/unit.ts";

export interface ValueText {
  short: string;
  exact: string;
}

/** Below this a fraction needs more digits than a count has. */
const SMALL = 100;
const DIGITS = 3;
const fraction = new Intl.NumberFormat("en-US", { maximumSignificantDigits: DIGITS });

/** No value is a dash, never 0. */
export function valueText(value: Value | undefined, unit: QueryUnit, zone: Zone): ValueText {
  if (value === null || value === undefined) return { short: NO_VALUE, exact: "no value" };
  if (unit === "nano_usd") return { short: formatUsd(value), exact: formatUsdExact(value) };
  if (unit === "time") {
    const at = momentOf(value);
    return { short: formatMoment(at, zone), exact: formatMoment(at, zone) };
  }
  const number = Number(value);
  if (!Number.isFinite(number)) return { short: String(value), exact: String(value) };
  if (unit === "ms") return { short: formatDuration(number), exact: `${formatExact(number)} ms` };
  const small = !Number.isInteger(number) && Math.abs(number) < SMALL;
  return { short: small ? fraction.format(number).replace("-", "−") : formatCount(number), exact: formatExact(number) };
}

/** The API says times as ISO 8601. */
function momentOf(value: number | string): number {
  return typeof value === "number" ? value : Date.parse(value);
}

/** A dimension's value; "": the events do not say. Times are for `stepText`. */
export function labelText(label: Label | undefined): string {
  if (label === null || label === undefined || label === "") return "";
  if (typeof label === "boolean") return label ? "yes" : "no";
  return String(label);
}

/** What goes into a CSV cell: money in USD with every digit, times as the API says them. */
export function csvValue(value: Value | undefined, unit: QueryUnit): string | number | null {
  if (value === null || value === undefined) return null;
  if (unit !== "nano_usd") return value;
  return formatUsdExact(value).replaceAll(/[$,]/g, "").replace("−", "-");
}

/** Title of a measure's column: money says that it is USD in files. */
export function csvTitle({ name, unit }: QueryAnswer["measures"][number]): string {
  return unit === "nano_usd" ? `${name} (USD)` : name;
}

/** How a chart writes values of a unit; money comes to it in USD. */
export function unitWords(unit: QueryUnit): UnitFormat {
  if (unit === "nano_usd" || unit === "ms") return unitFormat(unit);
  if (unit !== "ratio" && unit !== "none") return unitFormat("count");
  return {
    short: (value) => valueText(value, unit, "utc").short,
    exact: (value) => valueText(value, unit, "utc").exact,
    whole: unit === "none",
    least: 1,
  };
}
