/**
 * The language of a file by its name. Used where an agent's arguments hold paths; only the language leaves. Pure.
 */
const ENDINGS: Readonly<Record<string, string>> = {
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
const NAMES: Readonly<Record<string, string>> = { dockerfile: "dockerfile", makefile: "makefile" };

/** `src/app.TS` -> `typescript`; undefined when unknown. */
export function languageOf(path: string): string | undefined {
  const name = path
    .trim()
    .slice(path.trim().search(/[^\\/]*$/))
    .toLowerCase();
  if (Object.hasOwn(NAMES, name)) return NAMES[name];
  const dot = name.lastIndexOf(".");
  const ending = dot < 0 ? "" : name.slice(dot + 1);
  return Object.hasOwn(ENDINGS, ending) ? ENDINGS[ending] : undefined;
}

/** Where an agent's name of a language, in lower case, is another than the one given here. */
const OTHER_NAMES: Readonly<Record<string, string>> = { "c++": "cpp", "c#": "csharp" };

/** `C++` -> `cpp`: a language that an agent names, as it is called here. */
export function languageNamed(name: string): string {
  const lower = name.toLowerCase();
  return (Object.hasOwn(OTHER_NAMES, lower) ? OTHER_NAMES[lower] : undefined) ?? lower;
}
