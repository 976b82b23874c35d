/** The shipped Workflow, pointed at the ClickHouse that the tests started; that address is known only then. */
import { inject } from "vitest";
import type { Env } from "../../../workers/shared/env.ts";
import { RollupWorkflow as Shipped } from "../../../workflows/rollup.ts";

export class RollupWorkflow extends Shipped {
  constructor(ctx: ExecutionContext, env: Env) {
    const url = inject("clickHouseUrl");
    super(ctx, { ...env, CLICKHOUSE_US_URL: url, CLICKHOUSE_EU_URL: url });
  }
}

export default { fetch: () => new Response("not used", { status: 404 }) } satisfies ExportedHandler<Env>;
