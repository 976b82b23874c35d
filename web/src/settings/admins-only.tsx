/** What stands in a part of the page that somebody's role does not reach. Used by Settings and Security. */
import type { ReactElement, ReactNode } from "react";
import type { Permission, Scope } from "../../../schema/access.ts";
import { useMe } from "../app/me-context.ts";
import { may } from "./access.ts";

/** `what`: a sentence's start, as "Ingest keys are". */
export function AdminsOnly({ what, who = "admins" }: { what: string; who?: string }): ReactElement {
  const me = useMe();
  return (
    <div className="grid place-content-center justify-items-center gap-2 p-6 text-center text-muted">
      <h2 className="text-4 text-fg">{`${what} for ${who}`}</h2>
      <p className="max-w-md">
        You are a <strong className="font-medium text-fg">{me.role}</strong> of {me.org_name}. Ask one of its admins to
        change this, or to give you another role.
      </p>
    </div>
  );
}

/** Shows its children to those who may see them; the children ask the API only then. */
export function Gate({
  permission,
  scope = "own",
  what,
  who,
  children,
}: {
  permission: Permission;
  scope?: Scope;
  what: string;
  who?: string;
  children: ReactNode;
}): ReactNode {
  const me = useMe();
  if (may(me, permission, scope)) return children;
  return (
    <div className="panel">
      <AdminsOnly what={what} {...(who === undefined ? {} : { who })} />
    </div>
  );
}
