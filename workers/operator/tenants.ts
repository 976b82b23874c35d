/**
 * /operator/tenants: what `npm run tenant` talks to. Registered by app.ts, behind the operator token.
 */
import type { Context, Hono } from "hono";
import { z } from "zod";
import { tenantLive } from "../../durable-objects/tenant-namespace.ts";
import { PublicError } from "../../schema/errors.ts";
import { DAY_MS } from "../../schema/limits.ts";
import { OrgIdSchema, TenantCreateSchema, TenantPatchSchema } from "../../schema/operator-tenants.ts";
import { needs } from "../shared/authorize.ts";
import {
  clickHouseRead,
  storageRegions,
  type TenantAccess,
  tenantEvents,
  tenantQuery,
} from "../shared/clickhouse-read.ts";
import { configDatabase } from "../shared/config-database.ts";
import { type Env, readConfig } from "../shared/env.ts";
import { type AppEnv, json } from "../shared/http.ts";
import { activeKeys, type KeyActor } from "../shared/ingest-keys.ts";
import { param, sql } from "../shared/sql.ts";
import {
  changeTenant,
  createTenant,
  findTenant,
  listTenants,
  showTenant,
  suspendTenant,
} from "../shared/tenant-admin.ts";
import { tenantConfigOf } from "../shared/tenant-config.ts";

/** Tenants on one page; their seats and rows are bound to one statement each, and D1 binds at most 100 values. */
const MAX_PAGE = 90;
/** Days of one usage answer: raw events are counted. */
const MAX_DAYS = 31;
const USUAL_DAYS = 7;

const OPERATOR = { credential: "operator token" } as const;
const ListQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(MAX_PAGE),
  cursor: z.string().max(128).default(""),
});
const UsageQuerySchema = z.strictObject({ days: z.coerce.number().int().min(1).max(MAX_DAYS).default(USUAL_DAYS) });

type Request = Context<AppEnv>;

/** Adds the routes to the operator app. */
export function addTenantRoutes(app: Hono<AppEnv>): void {
  app.post(
    "/operator/tenants",
    needs(OPERATOR, async (c: Request) =>
      json(await createTenant(c.env, checked(TenantCreateSchema, await bodyOf(c)), actor(c))),
    ),
  );
  app.get(
    "/operator/tenants",
    needs(OPERATOR, async (c: Request) => {
      const { limit, cursor } = checked(ListQuerySchema, c.req.query());
      const tenants = await listTenants(c.env, cursor, limit + 1);
      const page = tenants.slice(0, limit);
      return json({ tenants: page, next_cursor: tenants.length > limit ? (page.at(-1)?.org_id ?? null) : null });
    }),
  );
  app.get(
    "/operator/tenants/:id",
    needs(OPERATOR, async (c: Request) => json(await showTenant(c.env, idOf(c)))),
  );
  app.patch(
    "/operator/tenants/:id",
    needs(OPERATOR, async (c: Request) => {
      const patch = checked(TenantPatchSchema, await bodyOf(c));
      const { before, after } = await changeTenant(c.env, idOf(c), patch, actor(c));
      if (before.features.real_time_enabled && !after.features.real_time_enabled) await endStreams(c.env, idOf(c));
      return json({ before, after });
    }),
  );
  for (const verb of ["suspend", "resume"] as const) {
    app.post(
      `/operator/tenants/:id/${verb}`,
      needs(OPERATOR, async (c: Request) => {
        const { before, after } = await suspendTenant(c.env, idOf(c), verb === "suspend", actor(c));
        if (verb === "suspend") await endStreams(c.env, idOf(c));
        return json({ before, after });
      }),
    );
  }
  app.get(
    "/operator/tenants/:id/usage",
    needs(OPERATOR, async (c: Request) =>
      json(await usage(c.env, idOf(c), checked(UsageQuerySchema, c.req.query()).days, Date.now())),
    ),
  );
}

const DecimalSchema = z.string().regex(/^\d+$/);

/** Events of a range by UTC day of their own time. */
const eventsByDay = tenantQuery({
  name: "events_by_day",
  input: z.object({ from: z.number(), to: z.number() }),
  row: z.object({ day: z.iso.date(), events: DecimalSchema }),
  sql: (access, { from, to }) => sql`
SELECT toString(toDate(timestamp, 'UTC')) AS day, count() AS events
FROM ${tenantEvents(access, [
    sql`timestamp >= ${param("DateTime64(3, 'UTC')", from)}`,
    sql`timestamp < ${param("DateTime64(3, 'UTC')", to)}`,
  ])}
GROUP BY day
ORDER BY day`,
});

async function usage(env: Env, orgId: string, days: number, now: number) {
  const { row, home } = await findTenant(env, orgId);
  const access: TenantAccess = { orgId, rows: { kind: "org" } };
  const range = { from: Math.floor(now / DAY_MS - days + 1) * DAY_MS, to: now };
  const read = clickHouseRead(readConfig(env));
  const counts = new Map<string, number>();
  for (const region of storageRegions(row.residency)) {
    for (const { day, events } of await read(region, eventsByDay, access, range)) {
      counts.set(day, (counts.get(day) ?? 0) + Number(events));
    }
  }
  const { quotas } = tenantConfigOf(row);
  return {
    org_id: orgId,
    days: [...counts].sort().map(([day, events]) => ({ day, events })),
    max_events_per_day: quotas.max_events_per_day,
    seats_taken: (await showTenant(env, orgId)).seats_taken,
    max_seats: quotas.max_seats,
    active_keys: await activeKeys({ routing: env.ROUTING_DB, config: configDatabase(env, home), orgId }, now),
  };
}

/** The tenant's people lose their streams at once; refusals of new ones follow within 60 s. */
async function endStreams(env: Env, orgId: string): Promise<void> {
  const { row } = await findTenant(env, orgId);
  await tenantLive(env, { orgId, jurisdiction: row.primaryRegion }).revoke();
}

function idOf(c: Request): string {
  return checked(OrgIdSchema, c.req.param("id"));
}

function actor(c: Request): KeyActor {
  return { at: Date.now(), actor: "operator", requestId: c.get("requestId") };
}

async function bodyOf(c: Request): Promise<unknown> {
  return await c.req.json().catch(() => undefined);
}

function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new PublicError("invalid_request", "the request is not valid", { details: z.flattenError(parsed.error) });
}
