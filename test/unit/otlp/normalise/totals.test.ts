/** What our events add up to, against what the agents counted themselves. */
import { describe, expect, it } from "vitest";
import type { LogRecord } from "../../../../workers/ingest/otlp/model.ts";
import { patchLines } from "../../../../workers/ingest/otlp/normalise/codex-patch.ts";
import { dataPoints, eventsOf, logRecords, requests, scenarios } from "../../../support/otlp-fixtures.ts";
import { claudeLedger, counted, type Totals, totalsOf } from "../../../support/otlp-totals.ts";

const label = <T extends { agent: string; name: string }>(run: T) => ({ ...run, run: `${run.agent}/${run.name}` });

/**
 * Runs whose two ledgers differ: 2.1.330 was refused, tried again silently and fell back to another model. Three calls are in its
 * metrics, two in its events; what the call that is missing used is the difference.
 */
const REFUSED: Record<string, Partial<Record<keyof Totals, { events: number; metrics: number }>>> = {
  "claude-code-2.1.330/noprotocol": {
    input_tokens: { events: 24, metrics: 36 },
    output_tokens: { events: 286, metrics: 429 },
    cache_read_tokens: { events: 23_746, metrics: 35_619 },
    cache_write_tokens: { events: 16_842, metrics: 25_263 },
    cost_micro_usd: { events: 109_591, metrics: 156_978 },
  },
};

/** Each call's reported cost is rounded to a micro-USD; the metric is not. */
const ROUNDING_MICRO_USD = 1;

describe.each(scenarios("claude-code").map(label))("$run", (run) => {
  it("adds up to the agent's own ledger", () => {
    const ours = totalsOf(eventsOf(requests(run)));
    const ledger = claudeLedger(logRecords(run), dataPoints(run));
    const { cost_micro_usd, ...counts } = ours;
    const expected = { ...ledger };
    for (const [key, { events, metrics }] of Object.entries(REFUSED[run.run] ?? {})) {
      expect(ledger[key as keyof Totals], key).toBe(metrics);
      expected[key as keyof Totals] = events;
    }
    const { cost_micro_usd: cost, ...expectedCounts } = expected;
    expect(counts).toEqual(expectedCounts);
    expect(Math.abs(cost_micro_usd - cost)).toBeLessThanOrEqual(ROUNDING_MICRO_USD);
  });

  it("leaves no gap in the sequence of a process from its first prompt on", () => {
    const sequences = new Map<string, Set<number>>();
    for (const { event } of eventsOf(requests(run))) {
      if (typeof event.seq !== "number") continue;
      // One process each, but for the resumed session: its second process counts from 0 again, and comes later.
      const process = run.name === "resume-json" && event.timestamp > "2026-11-22T17:43:46.2" ? "second" : "first";
      sequences.set(process, (sequences.get(process) ?? new Set()).add(event.seq));
    }
    expect(sequences.size).toBe(run.name === "resume-json" ? 2 : 1);
    for (const seen of sequences.values()) {
      const from = Math.min(...seen);
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: seen.size }, (_, nth) => from + nth));
    }
  });
});

const byName = (records: readonly LogRecord[], name: string): LogRecord[] =>
  records.filter(({ attributes }) => attributes["event.name"] === `codex.${name}`);

describe.each(scenarios("codex").map(label))("$run", (run) => {
  const records = logRecords(run);
  const ours = totalsOf(eventsOf(requests(run)));
  const answers = byName(records, "sse_event").filter(({ attributes }) => attributes.input_token_count !== undefined);
  const sum = (name: string) => answers.reduce((total, { attributes }) => total + Number(attributes[name] ?? 0), 0);
  const tools = byName(records, "tool_result");
  const output = ({ attributes }: LogRecord) => String(attributes.output);
  const succeeded = (record: LogRecord) =>
    record.attributes.success === "true" && !/(?:exited with code|Exit code:) [1-9]/.test(output(record));

  it("adds up to the agent's own records", () => {
    const input = sum("input_token_count");
    const cached = sum("cached_token_count");
    const written = sum("cache_write_token_count");
    const failedRequests = byName(records, "api_request").filter(
      ({ attributes }) => Number(attributes["http.response.status_code"] ?? 0) >= 400,
    );
    const brokenStreams = byName(records, "sse_event").filter(
      ({ attributes }) =>
        attributes["event.kind"] === "response.completed" && attributes["error.message"] !== undefined,
    );
    const applied = tools
      .filter(succeeded)
      .flatMap(({ attributes }) => patchLines(String(attributes.tool_name), String(attributes.arguments)));
    expect(ours).toMatchObject({
      sessions: new Set(records.flatMap(({ attributes }) => attributes["conversation.id"] ?? [])).size,
      tool_calls: tools.length,
      errors: failedRequests.length + brokenStreams.length + tools.filter((tool) => !succeeded(tool)).length,
      lines_added: applied.reduce((total, { added }) => total + added, 0),
      lines_removed: applied.reduce((total, { removed }) => total + removed, 0),
      accepted: applied.length,
      pull_requests: tools.filter(
        (tool) => succeeded(tool) && String(tool.attributes.arguments).includes("&& gh pr create "),
      ).length,
      model_calls: answers.length,
      input_tokens: input - cached - written,
      cache_read_tokens: cached,
      cache_write_tokens: written,
      output_tokens: sum("output_token_count"),
    });
  });

  it.runIf(dataPoints(run).length > 0)("agrees with its metrics, where it sent them", () => {
    const points = dataPoints(run);
    const tokens = (token_type: string) => counted(points, "codex.turn.token_usage", { token_type });
    const cached = tokens("cached_input");
    const written = tokens("cache_write_input");
    expect(ours).toMatchObject({
      sessions: counted(points, "codex.thread.started"),
      tool_calls: counted(points, "codex.turn.tool.call"),
      input_tokens: tokens("input") - cached - written,
      cache_read_tokens: cached,
      cache_write_tokens: written,
      output_tokens: tokens("output"),
    });
  });
});
