/**
 * Routes as data: method, path, what it needs, shapes of input and answer, handler. One table (routes.ts) registers them, checks
 * permissions and makes the OpenAPI document. A route without `permission` or `public` does not type-check.
 */
import type { Context } from "hono";
import { z } from "zod";
import type { Permission, Principal, RowScope, Scope } from "../../schema/access.ts";
import { ORG_QUERY } from "../../schema/api/filters.ts";
import { PublicError } from "../../schema/errors.ts";
import type { StorageRegion } from "../../schema/pack.ts";
import { homeJurisdiction } from "../shared/access-token.ts";
import { authenticate, resolveRowScope } from "../shared/auth.ts";
import { authorizePermission } from "../shared/authorize.ts";
import { clickHouseRead, type ReadTenant, storageRegions, type TenantAccess } from "../shared/clickhouse-read.ts";
import { readConfig } from "../shared/env.ts";
import type { AppEnv } from "../shared/http.ts";
import { tenantConfig } from "../shared/tenant-config.ts";
import type { ApiAdmission } from "./admit.ts";
import { type Answers, type CachePolicy, type GivenAnswer, matchesTag } from "./cache/answers.ts";
import { cacheKey } from "./cache/key.ts";
import { dataCentreCache, noSharedTier } from "./cache/shared-tier.ts";
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
  method: "get" | "post" | "put" | "patch" | "delete";
  path: `/api/${string}`;
  summary: string;
  description?: string;
  tags: readonly [string, ...string[]];
  query?: z.ZodType<Query>;
  params?: z.ZodType<Params>;
  body?: z.ZodType<Body>;
  /** Bytes that the body may have; default 16 KB. */
  maxBodyBytes?: number;
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
  /**
   * Remembers answers (cache/answers.ts); hits and 304 cost no quota. Only for a route whose answer follows from its organisation,
   * the rows and role of the principal, and its input. Default: every request is computed.
   */
  cache?: CachePolicy;
  public?: never;
  handler(input: Input<Query, Params, Body> & Permitted): Promise<Answer>;
}

/** A route whose types are checked and forgotten: what the table, the router and the document need. */
export interface Route extends Omit<Spec<unknown, unknown, unknown, unknown>, "contentType" | "query"> {
  query: z.ZodType;
  access: { permission: Permission } | { public: string };
  contentType: "application/json" | "text/html";
  /** Answers are remembered for seconds and have a tag: `If-None-Match` gives 304. */
  cached: boolean;
  run(c: Context<AppEnv>, state: ApiState): Promise<Response>;
}

/** What one isolate keeps for all routes. */
export interface ApiState {
  admission: ApiAdmission;
  answers: Answers;
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
    cache,
    public: reason,
    ...described
  } = {
    scope: undefined,
    reads: undefined,
    cache: undefined,
    ...spec,
  };
  const access = permission === undefined ? { public: reason ?? "" } : { permission };
  const query = spec.query ?? (permission === undefined ? NoQuerySchema : OrgQuerySchema);
  const readInput = async (c: Context<AppEnv>): Promise<Input<Query, Params, Body>> => ({
    c,
    query: readQuery<unknown>(c, query) as Query,
    params: (spec.params === undefined ? undefined : readParams(c, spec.params)) as Params,
    body: (spec.body === undefined ? undefined : await readBody(c, spec.body, spec.maxBodyBytes)) as Body,
    now: Date.now(),
  });
  const type = contentType === "text/html" ? "text/html; charset=utf-8" : contentType;
  const textOf = (answer: Answer): string => (contentType === "text/html" ? String(answer) : JSON.stringify(answer));

  const run = async (c: Context<AppEnv>, { admission, answers }: ApiState): Promise<Response> => {
    if (spec.permission === undefined) {
      admission.anonymous(c);
      return c.body(textOf(await spec.handler(await readInput(c))), 200, { "content-type": type });
    }
    const principal = await admission.caller(c, authenticate);
    const charge = (): Promise<void> => admission.charge(c, principal);
    if (cache === undefined) {
      await charge();
      const permitted = await permit(c, principal, spec);
      const answer = await spec.handler({ ...(await readInput(c)), ...permitted });
      if (spec.method !== "get") answers.forget(principal.org_id);
      return c.body(textOf(answer), 200, { "content-type": type });
    }
    const { permitted, input } = await chargeRefusals(charge, async () => ({
      permitted: await permit(c, principal, spec),
      input: await readInput(c),
    }));
    const { c: _context, now, ...asked } = input;
    const given = await answers.give(c.executionCtx, {
      key: cacheKey({
        route: `${spec.method} ${spec.path}`,
        principal,
        rows: permitted.access.rows,
        settingsAt: await settingsAt(c, principal),
        input: asked,
      }),
      orgId: principal.org_id,
      policy: cache,
      shared: principal.residency === "eu" ? noSharedTier : dataCentreCache,
      now,
      fresh: /\bno-cache\b/i.test(c.req.header("cache-control") ?? ""),
      charge,
      compute: async () => textOf(await spec.handler({ ...input, ...permitted })),
    });
    return cachedResponse(c, given, type);
  };
  return { ...described, query, access, contentType, cached: cache !== undefined, run };
}

/** A request that is refused before it can be looked up costs as much as any other. */
async function chargeRefusals<T>(charge: () => Promise<void>, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    await charge();
    throw error;
  }
}

/** The answer, or 304 when the client has it. The client may keep it but asks each time: it is one person's, and seconds old. */
function cachedResponse(c: Context<AppEnv>, { text, etag, from }: GivenAnswer, type: string): Response {
  const headers = { etag, "cache-control": "private, no-cache", vary: "authorization, cookie", "x-cache": from };
  if (c.req.method === "GET" && matchesTag(c.req.header("if-none-match"), etag)) return c.body(null, 304, headers);
  return c.body(text, 200, { ...headers, "content-type": type });
}

/** When the organisation's settings last changed; a part of every key, so that a change makes every older answer unreachable. */
async function settingsAt(c: Context<AppEnv>, principal: Principal): Promise<string> {
  try {
    const ref = { orgId: principal.org_id, home: homeJurisdiction(principal) };
    return (await tenantConfig(c.env, ref, c.executionCtx)).updated_at;
  } catch (error) {
    // Nobody knows: answers are shared among those who do not know either, for seconds.
    if (error instanceof PublicError) return "";
    throw error;
  }
}

type Needed = Pick<PermittedSpec<unknown, unknown, unknown, unknown>, "permission" | "scope" | "reads">;

async function permit(
  c: Context<AppEnv>,
  principal: Principal,
  { permission, scope, reads }: Needed,
): Promise<Permitted> {
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
