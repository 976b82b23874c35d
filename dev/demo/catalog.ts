/**
 * What the demo's organisations are made of: people, repositories, agents, models, mishaps. Data only.
 * Used by org-plan.ts and session.ts. The prices are the demo's own round numbers, nobody's price list:
 * the product's prices live in schema/ and are never read from here.
 */

/** USD per million tokens, per bucket. */
export interface DemoPrice {
  input: number;
  output: number;
  cacheRead: number;
  cacheWrite: number;
}

export interface DemoModel {
  name: string;
  /** Share of a session's model calls, relative to the agent's other models. */
  weight: number;
  /** Undefined: sold by the seat, so its calls report no cost. */
  price: DemoPrice | undefined;
}

export interface DemoAgent {
  name: string;
  weight: number;
  versions: readonly string[];
  entrypoints: readonly string[];
  models: readonly DemoModel[];
  /** Tools that read, search or run; the first entries are the commonest. */
  tools: readonly string[];
  /** Tools that change files: each success is a `code_generated`. */
  editTools: readonly string[];
}

const price = (input: number, output: number): DemoPrice => ({
  input,
  output,
  cacheRead: input / 10,
  cacheWrite: input * 1.25,
});

export const AGENTS: readonly DemoAgent[] = [
  {
    name: "claude-code",
    weight: 5,
    versions: ["2.1.274", "2.1.280", "2.1.280", "2.1.281"],
    entrypoints: ["cli", "cli", "cli", "vscode", "sdk"],
    models: [
      { name: "claude-opus-4-6", weight: 5, price: price(5, 25) },
      { name: "claude-sonnet-4-6", weight: 4, price: price(3, 15) },
      { name: "claude-haiku-4-5", weight: 2, price: price(1, 5) },
    ],
    tools: ["Read", "Bash", "Grep", "Glob", "TodoWrite", "Task", "WebFetch"],
    editTools: ["Edit", "Edit", "Write", "NotebookEdit"],
  },
  {
    name: "codex",
    weight: 3,
    versions: ["0.148.0", "0.149.1", "0.150.0"],
    entrypoints: ["cli", "cli", "vscode", "exec"],
    models: [
      { name: "gpt-5.5-codex", weight: 5, price: price(2, 16) },
      { name: "gpt-5.5-mini", weight: 2, price: price(0.5, 4) },
    ],
    tools: ["exec_command", "exec_command", "update_plan", "web_search", "view_image"],
    editTools: ["apply_patch"],
  },
  {
    name: "gemini-cli",
    weight: 2,
    versions: ["0.31.0", "0.32.2"],
    entrypoints: ["cli"],
    models: [
      { name: "gemini-3-pro", weight: 3, price: price(2, 12) },
      { name: "gemini-3-flash", weight: 3, price: price(0.5, 3) },
    ],
    tools: ["read_file", "run_shell_command", "search_file_content", "glob", "google_web_search"],
    editTools: ["replace", "write_file"],
  },
  {
    name: "copilot",
    weight: 2,
    versions: ["1.104.2", "1.105.0"],
    entrypoints: ["vscode", "vscode", "jetbrains", "cli"],
    models: [
      { name: "gpt-5.5-mini", weight: 3, price: undefined },
      { name: "claude-sonnet-4-6", weight: 2, price: undefined },
    ],
    tools: ["readFile", "runInTerminal", "codebase", "fetch"],
    editTools: ["editFiles", "createFile"],
  },
];

/** First and last names; several write from right to left, some with accents, one handle is an emoji. */
export const FIRST_NAMES = [
  "ana",
  "noah",
  "ليلى",
  "zoë",
  "kenji",
  "דנה",
  "priya",
  "łukasz",
  "maría",
  "omar",
  "ingrid",
  "wei",
  "amara",
  "jonas",
  "🦊fox",
  "chloé",
  "سامي",
  "hiroshi",
  "fatima",
  "oleg",
  "grace",
  "tomás",
  "नेहा",
  "bjørn",
  "siobhán",
  "mateo",
  "yuki",
  "eve",
] as const;
export const LAST_NAMES = [
  "souza",
  "kim",
  "حداد",
  "müller",
  "tanaka",
  "לוי",
  "raghavan",
  "nowak",
  "garcía",
  "farouk",
  "lindqvist",
  "zhang",
  "okafor",
  "weber",
  "dubois",
  "العلي",
  "sato",
  "rahman",
  "petrov",
  "hopper",
  "novák",
  "शर्मा",
  "hansen",
  "o'neill",
  "rossi",
  "park",
] as const;

export const TEAM_NAMES = [
  "payments",
  "platform",
  "growth",
  "mobile",
  "data",
  "search",
  "security",
  "checkout-🛒",
] as const;

/** Where a team sits: UTC offset in hours, without summer time (nobody checks a demo's clock change). */
export const SITES = [
  { name: "san-francisco", offsetHours: -8 },
  { name: "são-paulo", offsetHours: -3 },
  { name: "berlin", offsetHours: 1 },
  { name: "tel-aviv", offsetHours: 2 },
  { name: "bangalore", offsetHours: 5.5 },
  { name: "tokyo", offsetHours: 9 },
] as const;

export interface DemoRepo {
  name: string;
  language: string;
  /** Also edited there now and then. */
  secondary: string;
}

export const REPOS: readonly DemoRepo[] = [
  { name: "web-app", language: "typescript", secondary: "css" },
  { name: "payments-api", language: "go", secondary: "sql" },
  { name: "ledger", language: "rust", secondary: "toml" },
  { name: "mobile-ios", language: "swift", secondary: "ruby" },
  { name: "mobile-android", language: "kotlin", secondary: "xml" },
  { name: "ml-pipelines", language: "python", secondary: "yaml" },
  { name: "infra", language: "hcl", secondary: "shell" },
  { name: "search-indexer", language: "java", secondary: "yaml" },
  { name: "design-system-🎨", language: "typescript", secondary: "css" },
  { name: "بوابة-العملاء", language: "php", secondary: "javascript" },
  { name: "docs", language: "markdown", secondary: "yaml" },
];

export const BRANCH_KINDS = ["feat", "feat", "fix", "fix", "chore", "refactor", "spike"] as const;
export const BRANCH_TOPICS = [
  "retry-webhooks",
  "dark-mode",
  "flaky-login-test",
  "rate-limits",
  "invoice-pdf",
  "🚀-launch-page",
  "typed-queries",
  "n-plus-one",
  "upgrade-runtime",
  "تحسين-البحث",
  "offline-sync",
  "audit-trail",
  "null-currency",
  "parallel-import",
] as const;

export const PR_TITLES = [
  "Retry webhooks with backoff",
  "Fix flaky log-in test",
  "Add dark mode 🌙",
  "Batch the invoice queries",
  "Type the query layer",
  "إصلاح ترتيب نتائج البحث",
  "Move rate limits to the edge",
  "Drop the legacy importer",
] as const;

export interface DemoError {
  weight: number;
  code: string;
  message: string;
  status: number | null;
}

/** What goes wrong in a model call. */
export const MODEL_ERRORS: readonly DemoError[] = [
  {
    weight: 6,
    code: "rate_limit_error",
    message: "Number of request tokens has exceeded your per-minute rate limit",
    status: 429,
  },
  { weight: 3, code: "overloaded_error", message: "The model is overloaded", status: 529 },
  { weight: 1, code: "api_timeout", message: "No answer within 600 s", status: null },
  {
    weight: 1,
    code: "context_length_exceeded",
    message: "The conversation is longer than the model's context",
    status: 400,
  },
];

/** What goes wrong in a tool call. */
export const TOOL_ERRORS: readonly DemoError[] = [
  { weight: 5, code: "exit_code", message: "Command exited with code 1", status: null },
  { weight: 3, code: "string_not_found", message: "The text to replace was not found in the file", status: null },
  { weight: 2, code: "file_not_found", message: "File does not exist", status: null },
  { weight: 2, code: "tool_timeout", message: "Command timed out after 120 s", status: null },
  { weight: 1, code: "permission_denied", message: "The user refused the tool call", status: null },
];

export type Severity = "info" | "low" | "medium" | "high" | "critical";

export interface DemoAlert {
  weight: number;
  rule: string;
  severity: Severity;
  detail: string;
}

export const ALERTS: readonly DemoAlert[] = [
  {
    weight: 4,
    rule: "secret-in-diff",
    severity: "high",
    detail: "A string shaped like an access key was added to a file",
  },
  {
    weight: 3,
    rule: "dangerous-command",
    severity: "medium",
    detail: "A recursive delete outside the workspace was proposed and blocked",
  },
  { weight: 3, rule: "dependency-unpinned", severity: "low", detail: "A dependency was added without a version" },
  {
    weight: 2,
    rule: "network-egress",
    severity: "medium",
    detail: "A tool call reached a host outside the allow list",
  },
  {
    weight: 1,
    rule: "prompt-injection",
    severity: "critical",
    detail: "A fetched page tried to give the agent instructions",
  },
  { weight: 2, rule: "pii-in-log", severity: "info", detail: "A log line with an e-mail address was generated" },
];
