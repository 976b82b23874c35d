/**
 * The one decision about rights, and how a handler says what it needs. Pure: no database, no request.
 * Called by auth.ts (row scopes), by the API's routes and by the apps that declare their handlers here.
 */
import {
  PERMISSIONS,
  type Permission,
  type Principal,
  ROLE_PERMISSIONS,
  SCOPES,
  type Scope,
} from "../../schema/access.ts";
import { PublicError } from "../../schema/errors.ts";

type Split<Name> = Name extends `${infer Resource}:${infer Action}` ? [Resource, Action] : never;
export type Resource = Split<Permission>[0];
export type Action = Split<Permission>[1];

/** True when `scope` reaches at least as far as `wanted`. */
export function covers(scope: Scope, wanted: Scope): boolean {
  return SCOPES.indexOf(scope) >= SCOPES.indexOf(wanted);
}

/** The narrower of two scopes. */
export function narrower(a: Scope, b: Scope): Scope {
  return covers(a, b) ? b : a;
}

/**
 * May the principal do this, at least as far as `scope`? Answers how far: the role's scope, and for a program's token
 * never further than the token says. Throws PublicError `forbidden`, the same for every reason.
 */
export function authorize(principal: Principal, resource: Resource, action: Action, scope: Scope = "own"): Scope {
  const granted = grantedScope(principal, permissionOf(resource, action));
  if (granted === undefined || !covers(granted, scope)) {
    throw new PublicError("forbidden", "your role does not allow this");
  }
  return granted;
}

/** The same for a permission by its name, as routes declare it. */
export function authorizePermission(principal: Principal, permission: Permission, scope: Scope = "own"): Scope {
  const [resource, action] = permission.split(":") as Split<Permission>;
  return authorize(principal, resource, action, scope);
}

/** How far the principal's permission reaches; undefined: not at all. */
export function grantedScope(principal: Principal, permission: Permission | undefined): Scope | undefined {
  if (permission === undefined) return undefined;
  const scope = ROLE_PERMISSIONS[principal.role][permission];
  const { token } = principal;
  if (scope === undefined || token === undefined) return scope;
  const held: readonly Permission[] = token.permissions;
  return held.includes(permission) ? narrower(scope, token.scope) : undefined;
}

function permissionOf(resource: Resource, action: Action): Permission | undefined {
  return PERMISSIONS.find((permission) => permission === `${resource}:${action}`);
}

/** What a handler needs before it runs; `public` says why nobody has to be known. */
export type Needs =
  | { permission: Permission }
  | { public: string }
  | { credential: "ingest key" | "operator token" | "signature" };

const declared = new WeakMap<object, Needs>();

/** Declares what a handler of a Hono app needs. Enforcing it is the app's work; a test walks all apps for handlers without. */
export function needs<Handler extends object>(what: Needs, handler: Handler): Handler {
  declared.set(handler, what);
  return handler;
}

/** What was declared for a handler; undefined: nothing. */
export function needsOf(handler: object): Needs | undefined {
  return declared.get(handler);
}
