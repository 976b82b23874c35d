/** The `org` parameter of every request of Settings, and addresses with it for changes. */
import { useMemo } from "react";
import { type Params, pathWith } from "../api/query.ts";
import { useMe } from "../app/me-context.ts";

export function useOrg(): { params: Params; at(path: string): string } {
  const { org_id: org } = useMe();
  return useMemo(() => ({ params: { org }, at: (path) => pathWith(path, { org }) }), [org]);
}
