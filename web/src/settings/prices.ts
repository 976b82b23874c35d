/** Own prices as they are typed, the policies they make, and the search of the list. Pure; used by the prices page. */
import type { ListPrice } from "../../../schema/api/prices.ts";
import { type PricePolicy, PricePolicySchema } from "../../../schema/price-policy.ts";
import { BUCKETS } from "../../../schema/prices/table.ts";
import { listOf } from "./keys.ts";

export type Bucket = (typeof BUCKETS)[number];
export type OwnPrice = PricePolicy["prices"][number];
export type Factor = PricePolicy["factors"][number];

export const BUCKET_WORDS: Record<Bucket, string> = {
  input: "Input",
  cache_read: "Cache read",
  cache_write_5m: "Cache write, 5 min",
  cache_write_1h: "Cache write, 1 h",
  output: "Output",
};

/** A price as it is typed. */
export interface PriceForm {
  models: string;
  provider: string;
  rates: Record<Bucket, string>;
}

export const NO_PRICE: PriceForm = {
  models: "",
  provider: "",
  rates: { input: "", cache_read: "", cache_write_5m: "", cache_write_1h: "", output: "" },
};

/** The policy with one more price on top, where it is looked at first; or what is wrong, null while something is not filled in. */
export function withPrice(
  policy: PricePolicy,
  { models, provider, rates }: PriceForm,
): { policy: PricePolicy } | { problem: string | null } {
  if (listOf(models).length === 0 || BUCKETS.some((bucket) => rates[bucket].trim() === "")) return { problem: null };
  const usd_per_million = Object.fromEntries(BUCKETS.map((bucket) => [bucket, rates[bucket].trim()]));
  const price = { ...(provider.trim() === "" ? {} : { provider }), models: listOf(models), usd_per_million };
  return checked({ ...policy, prices: [price, ...policy.prices] });
}

/** The policy with one more factor on top; `percent`: what is taken off list prices, 15 for 15 %. */
export function withFactor(
  policy: PricePolicy,
  form: { percent: string; provider: string; models: string },
): { policy: PricePolicy } | { problem: string | null } {
  const text = form.percent.trim();
  if (text === "") return { problem: null };
  const percent = Number(text);
  if (!Number.isFinite(percent) || percent >= 100)
    return { problem: "A percentage below 100; less than 0 is a surcharge." };
  const models = listOf(form.models);
  const factor = {
    factor: String(Math.round((100 - percent) * 100) / 10_000),
    ...(form.provider.trim() === "" ? {} : { provider: form.provider }),
    ...(models.length === 0 ? {} : { models }),
  };
  return checked({ ...policy, factors: [factor, ...policy.factors] });
}

function checked(policy: unknown): { policy: PricePolicy } | { problem: string } {
  const parsed = PricePolicySchema.safeParse(policy);
  if (parsed.success) return { policy: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: issue === undefined ? "is not valid" : `${String(issue.path.at(-1) ?? "")}: ${issue.message}` };
}

/** A factor in words: 15 % off, 5 % more. */
export function factorWords(factor: string): string {
  const percent = Math.round((1 - Number(factor)) * 1_000_000) / 10_000;
  if (percent === 0) return "list price";
  return percent > 0 ? `${percent}\u00a0% off` : `${-percent}\u00a0% more`;
}

/** Of the list: prices whose provider or models have every word. */
export function matchingPrices(prices: readonly ListPrice[], search: string): ListPrice[] {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return prices.filter(({ provider, models }) => {
    const text = `${provider} ${models.join(" ")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** When a price holds: since ever, from a day, until a day. */
export function periodWords({
  valid_from: from,
  valid_to: to,
}: {
  valid_from?: string | null | undefined;
  valid_to?: string | null | undefined;
}): string {
  const day = (text: string): string => text.slice(0, 10);
  if (from == null && to == null) return "always";
  if (to == null) return `from ${day(from ?? "")}`;
  return from == null ? `until ${day(to)}` : `${day(from)} to ${day(to)}`;
}
