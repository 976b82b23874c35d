/** Usage beside quotas, in words. Pure; used by the usage page. */
import type { z } from "zod";
import type { QUOTA_NAMES, Quotas } from "../../../schema/api/settings.ts";
import type { UsageAnswerSchema, UsageDaySchema } from "../../../schema/api/usage.ts";
import type { TimeData } from "../chart/time-data.ts";
import { formatCount, formatExact } from "../format/number.ts";

export type UsageAnswer = z.infer<typeof UsageAnswerSchema>;
export type UsageDay = z.infer<typeof UsageDaySchema>;
type QuotaName = (typeof QUOTA_NAMES)[number];

const DAY_MS = 86_400_000;

/** A quota in words, short and exact; no limit is said, never left blank. */
export const QUOTA_WORDS: Record<QuotaName, { label: string; unit: string }> = {
  max_events_per_second: { label: "Events a second", unit: "" },
  max_events_per_day: { label: "Events a day", unit: "" },
  max_api_requests_per_minute: { label: "API requests a minute", unit: "" },
  max_seats: { label: "Members", unit: "" },
  max_storage_gb: { label: "Storage", unit: " GB" },
};

export function quotaText(name: QuotaName, quotas: Partial<Quotas>): { short: string; exact: string } {
  const limit = quotas[name];
  if (limit === null || limit === undefined) return { short: "no limit", exact: "no limit" };
  const { unit } = QUOTA_WORDS[name];
  return { short: `${formatCount(limit)}${unit}`, exact: `${formatExact(limit)}${unit}` };
}

/** How much of today's events quota is used, 0 and above; null: there is no limit. */
export function dayShare({ today, quotas }: Pick<UsageAnswer, "today" | "quotas">): number | null {
  return quotas.max_events_per_day === null ? null : today.events / quotas.max_events_per_day;
}

/** Events let in and refused by day, oldest first; a day without any use is a known nothing. */
export function usageData({ today, days }: Pick<UsageAnswer, "today" | "days">, count: number): TimeData {
  const end = Date.parse(today.day) + DAY_MS;
  const starts = Array.from({ length: count }, (_, i) => end - (count - i) * DAY_MS);
  const byDay = new Map([...days, today].map((day) => [Date.parse(day.day), day]));
  const column = (key: "events" | "rejected"): number[] => starts.map((start) => byDay.get(start)?.[key] ?? 0);
  return {
    starts,
    end,
    series: [
      { key: "events", label: "let in", token: "--series-1", values: column("events") },
      { key: "rejected", label: "refused one by one", token: "--series-6", values: column("rejected") },
    ],
  };
}
