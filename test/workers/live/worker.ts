/** The worker under test: the real TenantLive. */
export { TenantLive } from "../../../durable-objects/tenant-live.ts";

export default { fetch: () => new Response(null, { status: 404 }) } satisfies ExportedHandler;
