/** The Worker under test: the API app, as workers/index.ts mounts it. */
import { createApiApp } from "../../../workers/api/app.ts";

export { IntegrationStats } from "../../../durable-objects/integration-stats.ts";
export { QuotaLease } from "../../../durable-objects/quota-lease.ts";

export default createApiApp();
