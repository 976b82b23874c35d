/**
 * /operator/rollup: what `npm run rollup` talks to: starts a rollup of a range whatever its state, and tells how far it is. Registered
 * by app.ts, behind the operator token. What is due of itself is started by the cron.
 */
import type { Context, Hono } from "hono";
import { z } from "zod";
import { PublicError } from "../../schema/errors.ts";
import { HOUR_MS } from "../../schema/limits.ts";
import { type StorageRegion, StorageRegionSchema } from "../../schema/pack.ts";
import {
  RollupOutcomeSchema,
  RollupRequestSchema,
  type RollupStartedSchema,
  type RollupStatusSchema,
} from "../../schema/rollup.ts";
import { needs } from "../shared/authorize.ts";
import { storageRegions } from "../shared/clickhouse-read.ts";
import type { Env } from "../shared/env.ts";
import { type AppEnv, json } from "../shared/http.ts";
import { rollupBinding } from "../shared/rollup-binding.ts";
import { findTenant } from "../shared/tenant-admin.ts";

const OPERATOR = { credential: "operator token" } as const;
const InstanceIdSchema = z.string().regex(/^[\w-]{1,100}$/);

/** Adds the routes to the operator app. */
export function addRollupRoutes(app: Hono<AppEnv>): void {
  app.post(
    "/operator/rollup",
    needs(OPERATOR, async (c: Context<AppEnv>) => {
      const parsed = RollupRequestSchema.safeParse(await c.req.json().catch(() => undefined));
      if (!parsed.success) {
        throw new PublicError("invalid_request", "not a rollup request", { details: z.flattenError(parsed.error) });
      }
      const { org } = parsed.data;
      const from = Math.floor(Date.parse(parsed.data.from) / HOUR_MS) * HOUR_MS;
      const to = Date.parse(parsed.data.to);
      if (to <= from) throw new PublicError("invalid_request", "`to` must be later than `from`");
      const regions = org === undefined ? (["us", "eu"] as const) : await regionsOf(c.env, org);
      const force = { from, to, ...(org === undefined ? {} : { org_id: org }) };
      const runs: z.infer<typeof RollupStartedSchema>["runs"] = [];
      for (const region of regions) {
        const id = `${region}-operator-${crypto.randomUUID()}`;
        await rollupBinding(c.env, region).create({ id, params: { region, look: "all", force } });
        runs.push({ region, id });
      }
      return json({ runs } satisfies z.infer<typeof RollupStartedSchema>);
    }),
  );
  app.get(
    "/operator/rollup/:region/:id",
    needs(OPERATOR, async (c: Context<AppEnv>) => {
      const region = StorageRegionSchema.safeParse(c.req.param("region"));
      const id = InstanceIdSchema.safeParse(c.req.param("id"));
      if (!region.success || !id.success) throw new PublicError("invalid_request", "no such rollup");
      return json(await statusOf(c.env, region.data, id.data));
    }),
  );
}

async function regionsOf(env: Env, orgId: string): Promise<readonly StorageRegion[]> {
  return storageRegions((await findTenant(env, orgId)).row.residency);
}

async function statusOf(env: Env, region: StorageRegion, id: string): Promise<z.infer<typeof RollupStatusSchema>> {
  const instance = await rollupBinding(env, region)
    .get(id)
    .catch(() => undefined);
  if (instance === undefined) throw new PublicError("not_found", "there is no such rollup");
  const { status, output } = await instance.status();
  if (status === "complete") return { status: "done", outcome: RollupOutcomeSchema.parse(output) };
  return { status: status === "errored" || status === "terminated" ? "failed" : "running" };
}
