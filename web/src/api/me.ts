/**
 * Who is signed in, as the page needs it. Used by the guard of every signed-in route and by the header.
 */
import { z } from "zod";

const OrgSchema = z.object({
  org_id: z.string(),
  name: z.string().optional(),
  role: z.string().optional(),
  residency: z.string().optional(),
});
export type Org = z.infer<typeof OrgSchema>;

export const MeSchema = z.object({
  user: z.object({ user_id: z.string(), email: z.string(), name: z.string().nullish() }),
  org: OrgSchema,
  orgs: z.array(OrgSchema).default([]),
});
export type Me = z.infer<typeof MeSchema>;
