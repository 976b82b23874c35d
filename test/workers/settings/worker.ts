/** The objects behind the settings: the real ones. The tests call the apps themselves. */
import { createApiApp } from "../../../workers/api/app.ts";

export { IntegrationStats } from "../../../durable-objects/integration-stats.ts";
export { QuotaLease } from "../../../durable-objects/quota-lease.ts";
export { TenantLive } from "../../../durable-objects/tenant-live.ts";

export default createApiApp();
