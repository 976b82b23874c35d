/**
 * GET /api/v1/settings/usage: what the organisation has used per UTC day, its quotas, and a notice from 80 % of a day's on.
 * Reads the tenant's quota object. Its counts lag by the seconds that isolates and the object keep them; what was stored is
 * in ClickHouse (/metrics).
 */
import { quotaLease } from "../../../durable-objects/tenant-namespace.ts";
import { UsageAnswerSchema, UsageQuerySchema } from "../../../schema/api/usage.ts";
import { PublicError } from "../../../schema/errors.ts";
import { DAY_MS, QUOTA_NOTICE_SHARE } from "../../../schema/limits.ts";
import { NO_USAGE, type UsageDay } from "../../../schema/rpc.ts";
import { homeJurisdiction } from "../../shared/access-token.ts";
import { tenantConfig } from "../../shared/tenant-config.ts";
import { iso } from "../range.ts";
import { defineRoute } from "../route.ts";

export const usageRoute = defineRoute({
  method: "get",
  path: "/api/v1/settings/usage",
  permission: "settings:read",
  summary: "Use of the organisation's quotas, per UTC day",
  description:
    "Counted at the edge, seconds behind. `events` counts what was let in, repeats included; the events that are stored are in /metrics.",
  tags: ["settings"],
  query: UsageQuerySchema,
  answer: UsageAnswerSchema,
  handler: async ({ c, query, now, principal }) => {
    const { org_id: orgId, jurisdiction } = principal;
    const { quotas } = await tenantConfig(c.env, { orgId, home: homeJurisdiction(principal) }, c.executionCtx);
    const days = await read(() => quotaLease(c.env, { orgId, jurisdiction }).usage(query.days));
    const day = iso(now).slice(0, 10);
    const today = days.find((one) => one.day === day) ?? { day, ...NO_USAGE };
    const { max_events_per_second, max_events_per_day, max_api_requests_per_minute } = quotas;
    return {
      org_id: orgId,
      quotas: { max_events_per_second, max_events_per_day, max_api_requests_per_minute },
      today,
      days,
      notices: noticesOf(today, max_events_per_day, now),
    };
  },
});

async function read(days: () => Promise<UsageDay[]>): Promise<UsageDay[]> {
  try {
    return await days();
  } catch (cause) {
    throw new PublicError("unavailable", "the service is not available, please retry", { retryAfter: 1, cause });
  }
}

/** The day's events against their quota, from 80 % on. Rates have no notice: they are over in a second. */
function noticesOf(today: UsageDay, limit: number | null, now: number) {
  if (limit === null || today.events < QUOTA_NOTICE_SHARE * limit) return [];
  const share = today.events / limit;
  const resets_at = iso(now - (now % DAY_MS) + DAY_MS);
  return [{ quota: "max_events_per_day" as const, used: today.events, limit, share, resets_at }];
}
