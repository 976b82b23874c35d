/**
 * Names that leave the machine, made from paths that do not: repository, language, bounded labels.
 * Used by the transcript importers. Pure.
 */
import { MAX_ID_LENGTH } from "../../schema/limits.ts";

const LANGUAGES: Record<string, string> = {
  c: "c",
  h: "c",
  cc: "cpp",
  cpp: "cpp",
  hpp: "cpp",
  cs: "csharp",
  css: "css",
  scss: "css",
  dart: "dart",
  ex: "elixir",
  exs: "elixir",
  go: "go",
  graphql: "graphql",
  hcl: "hcl",
  tf: "hcl",
  html: "html",
  java: "java",
  js: "javascript",
  cjs: "javascript",
  mjs: "javascript",
  jsx: "javascript",
  json: "json",
  jsonl: "json",
  kt: "kotlin",
  kts: "kotlin",
  lua: "lua",
  md: "markdown",
  mdx: "markdown",
  php: "php",
  proto: "protobuf",
  py: "python",
  ipynb: "python",
  rb: "ruby",
  rs: "rust",
  scala: "scala",
  sh: "shell",
  bash: "shell",
  zsh: "shell",
  sql: "sql",
  svelte: "svelte",
  swift: "swift",
  toml: "toml",
  ts: "typescript",
  cts: "typescript",
  mts: "typescript",
  tsx: "typescript",
  vue: "vue",
  xml: "xml",
  yaml: "yaml",
  yml: "yaml",
  zig: "zig",
};

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

/** Language of a file by its ending; undefined when unknown. Only this name is ever sent, never the path. */
export function languageOf(path: unknown): string | undefined {
  if (typeof path !== "string") return undefined;
  const name = baseName(path)?.toLowerCase() ?? "";
  if (name === "dockerfile") return "dockerfile";
  if (name === "makefile") return "makefile";
  const ending = name.includes(".") ? (name.split(".").at(-1) ?? "") : "";
  return Object.hasOwn(LANGUAGES, ending) ? LANGUAGES[ending] : undefined;
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
