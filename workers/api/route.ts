/**
 * Routes as data: method, path, what it needs, shapes of input and answer, handler. One table (routes.ts) registers them, checks
 * permissions and makes the OpenAPI document. A route without `permission` or `public` does not type-check.
 */
import type { Context } from "hono";
import { z } from "zod";
import type { Permission, Principal, RowScope, Scope } from "../../schema/access.ts";
import { ORG_QUERY } from "../../schema/api/filters.ts";
import type { StorageRegion } from "../../schema/pack.ts";
import { authenticate, resolveRowScope } from "../shared/auth.ts";
import { authorizePermission } from "../shared/authorize.ts";
import { clickHouseRead, type ReadTenant, storageRegions, type TenantAccess } from "../shared/clickhouse-read.ts";
import { readConfig } from "../shared/env.ts";
import type { AppEnv } from "../shared/http.ts";
import type { ApiAdmission } from "./admit.ts";
import { readBody, readParams, readQuery } from "./request-input.ts";

/** What every handler gets: its checked input, and the clock (ms). */
export interface Input<Query, Params, Body> {
  c: Context<AppEnv>;
  query: Query;
  params: Params;
  body: Body;
  now: number;
}

/** What a handler behind a permission gets besides. */
export interface Permitted {
  principal: Principal;
  /** How far the permission reaches for this principal. */
  reach: Scope;
  /** Org and row scope of the principal: what every query starts from. No rows at all for a route that reads configuration. */
  access: TenantAccess;
  /** Where the tenant's rows are. */
  regions: readonly StorageRegion[];
  read: ReadTenant;
}

interface Spec<Query, Params, Body, Answer> {
  method: "get" | "post" | "patch" | "delete";
  path: `/api/${string}`;
  summary: string;
  description?: string;
  tags: readonly [string, ...string[]];
  query?: z.ZodType<Query>;
  params?: z.ZodType<Params>;
  body?: z.ZodType<Body>;
  answer: z.ZodType<Answer>;
  /** Default application/json; text/html for pages, whose answer is a string. */
  contentType?: "application/json" | "text/html";
}

interface PublicSpec<Query, Params, Body, Answer> extends Spec<Query, Params, Body, Answer> {
  /** Why nobody needs to be signed in. */
  public: string;
  permission?: never;
  handler(input: Input<Query, Params, Body>): Promise<Answer>;
}

interface PermittedSpec<Query, Params, Body, Answer> extends Spec<Query, Params, Body, Answer> {
  permission: Permission;
  /** The least the permission must reach for anyone to come in; default `own`. */
  scope?: Scope;
  /** What the route reads; `configuration`: no event, so no row scope is looked up. Default `events`. */
  reads?: "events" | "configuration";
  public?: never;
  handler(input: Input<Query, Params, Body> & Permitted): Promise<Answer>;
}

/** A route whose types are checked and forgotten: what the table, the router and the document need. */
export interface Route extends Omit<Spec<unknown, unknown, unknown, unknown>, "contentType" | "query"> {
  query: z.ZodType;
  access: { permission: Permission } | { public: string };
  contentType: "application/json" | "text/html";
  run(c: Context<AppEnv>, admission: ApiAdmission): Promise<Response>;
}

/** Query of a route that declares none: nothing, or the org where a person may choose among theirs. */
const NoQuerySchema = z.strictObject({});
const OrgQuerySchema = z.strictObject(ORG_QUERY);

/** Declares a route. Its handler returns the answer's value; failures are thrown as PublicError. */
export function defineRoute<Answer, Query = undefined, Params = undefined, Body = undefined>(
  spec: PublicSpec<Query, Params, Body, Answer> | PermittedSpec<Query, Params, Body, Answer>,
): Route {
  const contentType = spec.contentType ?? "application/json";
  const {
    handler: _handler,
    permission,
    scope: _scope,
    reads: _reads,
    public: reason,
    ...described
  } = {
    scope: undefined,
    reads: undefined,
    ...spec,
  };
  const access = permission === undefined ? { public: reason ?? "" } : { permission };
  const query = spec.query ?? (permission === undefined ? NoQuerySchema : OrgQuerySchema);
  const run = async (c: Context<AppEnv>, admission: ApiAdmission): Promise<Response> => {
    if (spec.permission === undefined) admission.anonymous(c);
    const permitted = spec.permission === undefined ? undefined : await permit(c, admission, spec);
    const input: Input<Query, Params, Body> = {
      c,
      query: readQuery<unknown>(c, query) as Query,
      params: (spec.params === undefined ? undefined : readParams(c, spec.params)) as Params,
      body: (spec.body === undefined ? undefined : await readBody(c, spec.body)) as Body,
      now: Date.now(),
    };
    const answer =
      spec.permission === undefined
        ? await spec.handler(input)
        : await spec.handler({ ...input, ...(permitted as Permitted) });
    return c.body(contentType === "text/html" ? String(answer) : JSON.stringify(answer), 200, {
      "content-type": contentType === "text/html" ? "text/html; charset=utf-8" : contentType,
    });
  };
  return { ...described, query, access, contentType, run };
}

type Needed = Pick<PermittedSpec<unknown, unknown, unknown, unknown>, "permission" | "scope" | "reads">;

async function permit(
  c: Context<AppEnv>,
  admission: ApiAdmission,
  { permission, scope, reads }: Needed,
): Promise<Permitted> {
  const principal = await admission.caller(c, authenticate);
  const reach = authorizePermission(principal, permission, scope);
  const rows: RowScope = reads === "configuration" ? NO_ROWS : await resolveRowScope(c.env, principal, permission);
  return {
    principal,
    reach,
    access: { orgId: principal.org_id, rows },
    regions: storageRegions(principal.residency),
    read: clickHouseRead(readConfig(c.env)),
  };
}

const NO_ROWS: RowScope = { kind: "users", scope: "own", users: [] };
