/**
 * The exact events of every recorded run, against files that were read event by event beside the records (test/fixtures/otlp;
 * its README says when and for what). After a wanted change: `UPDATE_GOLDEN=1 npx vitest run --project unit
 * test/unit/otlp/normalise/golden.test.ts`, then read the difference.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { inRoot } from "../../../../dev/paths.ts";
import type { NormalisedEvent } from "../../../../workers/ingest/otlp/normalise/contract.ts";
import { normalise } from "../../../../workers/ingest/otlp/normalise/normalise.ts";
import { validateEvent } from "../../../../workers/ingest/validate.ts";
import { eventsOf, requests, type Scenario, scenarios } from "../../../support/otlp-fixtures.ts";

const RECORDED_AT = Date.parse("2026-11-22T20:00:00Z");
const runs = [...scenarios("claude-code"), ...scenarios("codex"), ...scenarios("gemini")].map((run) => ({
  ...run,
  run: `${run.agent}/${run.name}`,
}));

const goldenFile = ({ agent, name }: Scenario): string => inRoot(`test/fixtures/otlp-golden/${agent}/${name}.ndjson`);
const line = ({ event, price }: NormalisedEvent): string =>
  `${JSON.stringify(price === undefined ? event : { ...event, price })}\n`;

/** Keys of metadata that are counted, named or derived by us, and so come from no one attribute. */
const OURS = new Set([
  "mapping",
  "provider",
  "entrypoint",
  "outcome",
  "calls",
  "command_failed",
  "lines",
  "requests",
  "sessions",
  "code",
  "fatal",
  "check",
  "count",
  "usd",
  "tokens",
  "value",
  "accepted",
  "language",
  "lines_added",
  "lines_removed",
  "model_as_sent",
  "mcp_server_name",
  "mcp_tool_name",
  "git_commit_id",
  "exit_code",
  "rejected",
  "number",
  "success",
  "duration_ms",
  "cost_usd",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "reasoning_tokens",
]);

describe.each(runs)("$run", (run) => {
  const exports = requests(run);
  const events = eventsOf(exports);

  it("gives exactly the events of its golden file", () => {
    const text = events.map(line).join("");
    const file = goldenFile(run);
    if (process.env.UPDATE_GOLDEN === "1") {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    expect(existsSync(file)).toBe(true);
    expect(text.split("\n")).toEqual(readFileSync(file, "utf8").split("\n"));
  });

  it("gives only events that /v1/events would take", () => {
    for (const { event } of events) expect(validateEvent(event, RECORDED_AT)).toHaveProperty("timestampMs");
  });

  it("says of every value which attribute it came from", () => {
    for (const { event, sources } of events) {
      const fields: Record<string, unknown> = event;
      const named = Object.values(sources);
      expect(new Set(named).size).toBe(named.length);
      for (const path of named) {
        const value = path.startsWith("metadata.") ? event.metadata?.[path.slice(9)] : fields[path];
        expect(value, path).toBeDefined();
      }
      for (const key of Object.keys(event.metadata ?? {})) {
        if (!OURS.has(key)) expect(named, `${event.event_type} ${key}`).toContain(`metadata.${key}`);
      }
      for (const field of ["team_id", "repo", "branch", "environment", "model", "agent_version"]) {
        if (fields[field] !== undefined) expect(named).toContain(field);
      }
    }
  });

  it("counts every record once, and knows every name", () => {
    for (const one of exports) {
      const { records, mapped, kept, ignored, unknown } = normalise(one).counts;
      expect(records).toBe(one.records.length);
      expect(mapped + kept + ignored).toBe(records);
      expect(unknown).toEqual({});
    }
  });
});
