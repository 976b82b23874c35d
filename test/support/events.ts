/** Events for tests: valid ones by default, every field can be replaced. Runs in workerd and in node. */
import type { EventInput } from "../../schema/event.ts";

let counter = 0;

/** A valid event with a fresh id; `at` is its time (ms), now by default. */
export function makeEvent(fields: Record<string, unknown> = {}, at: number = Date.now()): Record<string, unknown> {
  counter += 1;
  return {
    event_id: crypto.randomUUID(),
    event_type: "session_start",
    user_id: `user-${counter % 7}`,
    session_id: `session-${counter % 31}`,
    timestamp: new Date(at).toISOString(),
    ...fields,
  };
}

/** One valid event of each standard type, with every typed field set. */
export function oneOfEach(at: number = Date.now()): EventInput[] {
  const timestamp = new Date(at).toISOString();
  const base = { user_id: "user-1", session_id: "session-1", timestamp };
  return [
    {
      ...base,
      event_type: "session_start",
      metadata: { agent: "claude-code", model: "m", repo: "r", branch: "b", entrypoint: "cli" },
    },
    { ...base, event_type: "session_end", metadata: { duration_ms: 1_000, outcome: "done" } },
    {
      ...base,
      event_type: "code_generated",
      metadata: { language: "ts", lines_added: 3, lines_removed: 1, accepted: true, tool_name: "Edit" },
    },
    {
      ...base,
      event_type: "pr_created",
      metadata: { repo: "r", number: 12, url: "https://example.com/12", title: "A change" },
    },
    {
      ...base,
      event_type: "error",
      metadata: { code: "rate_limit", message: "429", status_code: 429, fatal: false, tool_name: "Bash" },
    },
    { ...base, event_type: "security_alert", metadata: { rule: "bypass", severity: "high", detail: { mode: "yolo" } } },
    {
      ...base,
      event_type: "cost_incurred",
      metadata: {
        model: "m",
        input_tokens: 10,
        output_tokens: 20,
        cache_read_tokens: 5,
        cache_write_tokens: 2,
        reasoning_tokens: 1,
        cost_usd: 0.0042,
        request_id: "req_1",
      },
    },
  ];
}
