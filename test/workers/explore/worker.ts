/** The Worker under test: the API app, as workers/index.ts mounts it. */
export { default, QuotaLease } from "../api/worker.ts";
