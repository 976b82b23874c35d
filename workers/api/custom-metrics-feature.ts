/** The feature behind saved metrics and the dashboards made of them: the plan grants it, the organisation may switch it off. Used by their routes. */
import type { Context } from "hono";
import type { Principal } from "../../schema/access.ts";
import { PublicError } from "../../schema/errors.ts";
import { homeJurisdiction } from "../shared/access-token.ts";
import type { AppEnv } from "../shared/http.ts";
import { tenantConfig } from "../shared/tenant-config.ts";

/** Who asks, in which request. */
export interface Asking {
  c: Context<AppEnv>;
  principal: Principal;
}

/** Throws PublicError `forbidden` when the organisation has no custom metrics, and says whose decision that is. */
export async function requireCustomMetrics({ c, principal }: Asking): Promise<void> {
  const ref = { orgId: principal.org_id, home: homeJurisdiction(principal) };
  const config = await tenantConfig(c.env, ref, c.executionCtx);
  if (config.features.custom_metrics_enabled) return;
  throw new PublicError(
    "forbidden",
    config.granted_features.custom_metrics_enabled
      ? "custom metrics are switched off in the organisation's settings"
      : `the ${config.billing.plan} plan does not have custom_metrics_enabled`,
  );
}
