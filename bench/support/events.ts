/** The bench's event: 443 B of JSON, seven metadata keys; a batch of 100 is 44 KB. Deterministic but for its ids and times. */

const TYPES = ["session_start", "code_generated", "cost_incurred", "error", "session_end"] as const;

const METADATA: Record<(typeof TYPES)[number], (i: number) => object> = {
  session_start: (i) => ({
    agent: "claude-code",
    model: "claude-sonnet-4-5",
    repo: "tenfold/edge",
    branch: `feature/${i % 40}`,
    entrypoint: "cli",
    os: "linux",
    arch: "x64",
  }),
  code_generated: (i) => ({
    language: "typescript",
    lines_added: i % 120,
    lines_removed: i % 30,
    accepted: i % 3 > 0,
    tool_name: "Edit",
    file_kind: "source",
    turn: i % 50,
  }),
  cost_incurred: (i) => ({
    model: "claude-sonnet-4-5",
    input_tokens: 1_200 + (i % 900),
    output_tokens: i % 700,
    cache_read_tokens: 10_000,
    cost_usd: 0.0123,
    request_id: `req_${i}`,
  }),
  error: (i) => ({
    code: "rate_limit",
    message: "429 from the model",
    status_code: 429,
    fatal: false,
    tool_name: "Bash",
    attempt: i % 5,
    turn: i % 50,
  }),
  session_end: (i) => ({
    duration_ms: 60_000 + i,
    outcome: "completed",
    turns: i % 40,
    tools: i % 90,
    edits: i % 20,
    agent: "claude-code",
    clean: true,
  }),
};

/** One event; `at` in ms. `session`: how its session is chosen. */
export function benchEvent(i: number, at: number, session = `session-${i % 500}`): Record<string, unknown> {
  const type = TYPES[i % TYPES.length] ?? "error";
  return {
    event_id: crypto.randomUUID(),
    event_type: type,
    event_category: "usage",
    user_id: `developer-${i % 40}@example.com`,
    session_id: session,
    timestamp: new Date(at).toISOString(),
    environment: "production",
    metadata: METADATA[type](i),
  };
}

/** Bodies of `batch` events each, as JSON arrays. */
export function benchBodies(bodies: number, batch: number, at: number = Date.now()): string[] {
  return Array.from({ length: bodies }, (_, b) =>
    JSON.stringify(Array.from({ length: batch }, (_, i) => benchEvent(b * batch + i, at - i))),
  );
}
