/**
 * Where work was done: team, repository, branch and environment, as attributes name them and as events hold them. Used by table.ts. Pure.
 */
import { MAX_ENVIRONMENT_LENGTH } from "../../../../schema/limits.ts";

/** Attributes of OTEL_RESOURCE_ATTRIBUTES and of the conventions that say where work was done; best first. */
export const LABELS = [
  { field: "team_id", names: ["team.id", "team_id", "team", "team.name"] },
  {
    field: "repo",
    names: ["repo", "repository", "vcs.repository.name", "vcs.repository.url.full", "github.copilot.git.repository"],
  },
  { field: "branch", names: ["branch", "vcs.ref.head.name", "vcs.repository.ref.name", "github.copilot.git.branch"] },
  { field: "environment", names: ["deployment.environment.name", "deployment.environment", "environment", "env"] },
] as const;
export const LABEL_NAMES: ReadonlySet<string> = new Set(LABELS.flatMap((label) => label.names));

/** An environment is shorter than other labels; a repository's URL is its owner and name, without host or credentials. */
export function labelText(field: string, value: string): string {
  if (field === "environment") return value.slice(0, MAX_ENVIRONMENT_LENGTH).toWellFormed();
  if (field !== "repo" || !/^[a-z+]+:\/\/|^[^/\s]+@[^/\s]+:/i.test(value)) return value;
  const path = value
    .replace(/^[a-z+]+:\/\/[^/]*\//i, "")
    .replace(/^[^/\s]+@[^/\s:]+:/, "")
    .replace(/[?#].*$/, "")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
  return path === "" ? value : path;
}
