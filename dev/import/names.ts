/**
 * Names that leave the machine, made from paths that do not: repository, language, bounded labels.
 * Used by the transcript importers. Pure.
 */
import { MAX_ID_LENGTH } from "../../schema/limits.ts";
import { languageOf as languageOfPath } from "../../workers/ingest/otlp/normalise/languages.ts";

/** A label the contract takes: non-empty, well-formed, at most 256 UTF-16 units; undefined otherwise. */
export function label(value: unknown): string | undefined {
  if (typeof value !== "string" || value === "") return undefined;
  return value.slice(0, MAX_ID_LENGTH).toWellFormed();
}

/** Last part of a path of either kind of slash. */
function baseName(path: string): string | undefined {
  return path
    .split(/[\\/]+/)
    .filter(Boolean)
    .at(-1);
}

/** Language of a file by its name, called as in agents' telemetry; undefined when unknown. Only this is ever sent, never the path. */
export function languageOf(path: unknown): string | undefined {
  return typeof path === "string" ? languageOfPath(path) : undefined;
}

/** Repository name of a working directory: its last part, or that of the repository an agent's worktree belongs to. */
export function repoOfCwd(cwd: unknown): string | undefined {
  if (typeof cwd !== "string") return undefined;
  const home = cwd.split(/[\\/]\.(?:claude|codex)[\\/]worktrees[\\/]/)[0] ?? cwd;
  return label(baseName(home));
}

/** Repository name of a git remote, without owner, host or credentials. */
export function repoOfRemote(remote: unknown): string | undefined {
  if (typeof remote !== "string") return undefined;
  return label(
    remote
      .split(/[\\/:]+/)
      .filter(Boolean)
      .at(-1)
      ?.replace(/\.git$/, ""),
  );
}

/** A branch; detached heads have none. */
export function branchOf(branch: unknown): string | undefined {
  return branch === "HEAD" ? undefined : label(branch);
}

/** A machine's error code; a sentence is none, since it may quote what must not leave. */
export function codeName(value: unknown): string | undefined {
  return typeof value === "string" && /^[a-z0-9_.-]{1,64}$/i.test(value) ? value : undefined;
}
