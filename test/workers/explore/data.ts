/** Events without chance, with everything that questions ask about, and the SQL by hand that says what the answers must be. */
import type { ColumnName } from "../../../schema/api/query-catalogue.ts";
import type { EventInput } from "../api/world.ts";

export const FROM = Date.UTC(2026, 9, 24, 6, 30);
export const TO = Date.UTC(2026, 9, 26, 18, 15);
export const RANGE = { from: new Date(FROM).toISOString(), to: new Date(TO).toISOString() };

const TYPES = [
  "session_start",
  "session_end",
  "code_generated",
  "pr_created",
  "error",
  "security_alert",
  "cost_incurred",
  "custom.lint",
];
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

/** Every property follows from the number; a fifth of the events lie outside the range, before and after. */
export function makeEvents(org_id: string, count: number, shift = 0): EventInput[] {
  return Array.from({ length: count }, (_, i) => {
    const n = i + shift;
    const event_type = pick(TYPES, n);
    const is = (type: string): boolean => event_type === type;
    const priced = is("cost_incurred") && n % 3 !== 0;
    const span = (TO - FROM) * 1.2;
    return {
      org_id,
      event_type,
      timestamp: new Date(FROM - (TO - FROM) * 0.1 + ((n * 7_919_993) % span)).toISOString(),
      user_id: `user-${n % 11}`,
      session_id: `session-${n % 37}`,
      team_id: pick(["red", "blue", ""], n),
      event_category: pick(["usage", "performance", "security", "cost"], n),
      environment: pick(["production", "staging"], n >> 1),
      region: pick(["us", "eu"], n),
      agent: pick(["claude-code", "codex", "Gemini CLI", ""], n >> 1),
      agent_version: pick(["1.0.0", "1.0.1"], n),
      model: pick(["alpha", "Ünïcode 🚀", "it's", ""], n),
      repo: pick(["acme/web", "acme/api", "x'); --"], n),
      branch: pick(["main", "Feature/A", "feature/b", ""], n >> 2),
      language: is("code_generated") ? pick(["ts", "go"], n >> 3) : "",
      tool_name: is("error") || is("code_generated") ? pick(["Bash", "Edit", ""], n >> 1) : "",
      outcome: is("session_end") ? pick(["done", "aborted"], n >> 3) : "",
      error_code: is("error") ? pick(["rate_limit", "timeout"], n >> 3) : "",
      severity: is("security_alert") ? pick(["low", "high", "critical"], n >> 3) : "",
      rule: is("security_alert") ? pick(["bypass", "secret"], n >> 3) : "",
      request_id: is("cost_incurred") ? `req-${n % 23}` : "",
      status_code: is("error") ? pick([429, 500, null], n >> 3) : null,
      fatal: is("error") ? pick([true, false, null], n >> 3) : null,
      accepted: is("code_generated") ? pick([true, false, null], n >> 3) : null,
      pr_number: is("pr_created") ? n % 9 : null,
      lines_added: is("code_generated") ? (n * 13) % 400 : 0,
      lines_removed: is("code_generated") ? (n * 7) % 90 : 0,
      duration_ms: is("session_end") ? pick([(n * 977) % 900_000, null], n >> 3) : null,
      input_tokens: is("cost_incurred") ? (n * 31) % 5_000 : 0,
      output_tokens: is("cost_incurred") ? (n * 17) % 900 : 0,
      cache_read_tokens: is("cost_incurred") ? (n * 5) % 70_000 : 0,
      cache_write_tokens: is("cost_incurred") ? n % 400 : 0,
      reasoning_tokens: is("cost_incurred") ? n % 50 : 0,
      cost_nano_usd: priced ? String(900_000_000_000_000 + n * 1_001) : null,
      cost_source: is("cost_incurred") ? (priced ? pick(["reported", "computed"], n) : "unpriced") : "",
      metadata: JSON.stringify({
        wait: pick([{ ms: n % 97 }, { ms: `${n % 89}.5` }, { ms: "soon" }, { ms: null }, {}, [n], { ms: -(n % 7) }], n),
        "wait.ms": n,
        reason: pick(["quota", "Größe", 5, true, null, ["a"], { b: 1 }, ""], n >> 1),
      }),
    };
  });
}

/** What a column is in `events`: text columns as they are, figures NULL where the event has none. */
export const COLUMN_SQL: Record<ColumnName, string> = {
  type: "toString(event_type)",
  category: "toString(event_category)",
  team: "toString(team_id)",
  user: "user_id",
  session: "session_id",
  environment: "toString(environment)",
  region: "toString(region)",
  agent: "toString(agent)",
  agent_version: "toString(agent_version)",
  model: "toString(model)",
  repo: "toString(repo)",
  branch: "branch",
  language: "toString(language)",
  tool_name: "toString(tool_name)",
  outcome: "toString(outcome)",
  error_code: "toString(error_code)",
  severity: "toString(severity)",
  rule: "toString(rule)",
  request_id: "request_id",
  cost_source: "toString(cost_source)",
  accepted: "accepted",
  fatal: "fatal",
  status_code: "status_code",
  pr_number: "pr_number",
  lines_added: "if(event_type = 'code_generated', lines_added, NULL)",
  lines_removed: "if(event_type = 'code_generated', lines_removed, NULL)",
  duration_ms: "duration_ms",
  tokens:
    "if(event_type = 'cost_incurred', input_tokens + output_tokens + cache_read_tokens + cache_write_tokens, NULL)",
  input_tokens: "if(event_type = 'cost_incurred', input_tokens, NULL)",
  output_tokens: "if(event_type = 'cost_incurred', output_tokens, NULL)",
  cache_read_tokens: "if(event_type = 'cost_incurred', cache_read_tokens, NULL)",
  cache_write_tokens: "if(event_type = 'cost_incurred', cache_write_tokens, NULL)",
  reasoning_tokens: "if(event_type = 'cost_incurred', reasoning_tokens, NULL)",
  unpriced_tokens:
    "if(cost_source = 'unpriced', input_tokens + output_tokens + cache_read_tokens + cache_write_tokens, NULL)",
  cost_nano_usd: "cost_nano_usd",
  timestamp: "timestamp",
  received_at: "received_at",
};
