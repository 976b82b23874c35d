/**
 * Who is signed in, as the API says it. Used by the guard of every signed-in route and by the header.
 */
import type { z } from "zod";
import { MeAnswerSchema } from "../../../schema/api/auth.ts";

export const MeSchema = MeAnswerSchema;
export type Me = z.infer<typeof MeAnswerSchema>;
export type Org = Pick<Me["orgs"][number], "org_id" | "name" | "residency">;

/** The organisation that is shown. */
export function currentOrg(me: Me): Org {
  return { org_id: me.org_id, name: me.org_name, residency: me.residency };
}
