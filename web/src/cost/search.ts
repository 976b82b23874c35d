/** What the URL of Cost holds besides range and filters. Parsed by its route. */
import { z } from "zod";

/** What the cost is split by over time; `total`: by nothing. */
export const SPLITS = ["model", "team", "user", "repo", "agent", "total"] as const;
export type Split = (typeof SPLITS)[number];

/** What the ranking is of. */
export const RANKINGS = ["user", "team", "repo", "model", "agent"] as const;
export type Ranking = (typeof RANKINGS)[number];

export const DIMENSION_LABELS: Record<Split, string> = {
  model: "Model",
  team: "Team",
  user: "User",
  repo: "Repo",
  agent: "Agent",
  total: "Total",
};

/** A value that is not usable is dropped, as in the view's own search. */
export const CostSearchSchema = z.object({
  by: z.enum(SPLITS).optional().catch(undefined),
  top: z.enum(RANKINGS).optional().catch(undefined),
});
export type CostSearch = z.infer<typeof CostSearchSchema>;
