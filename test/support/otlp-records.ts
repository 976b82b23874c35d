/** Log records and points made by hand, for what no recording holds. For the tests of the normalisers. */
import type { AttributeValue, DataPoint, LogRecord } from "../../workers/ingest/otlp/model.ts";

type Values = Record<string, AttributeValue>;

export const AT = "1795368777000000000";
export const AT_ISO = "2026-11-22T17:32:57.000Z";

export function logRecord(
  service: string,
  scope: string,
  attributes: Values,
  more: Partial<LogRecord> = {},
): LogRecord {
  return {
    resource: { "service.name": service },
    scope: { name: scope, version: "", attributes: {} },
    timeUnixNano: AT,
    observedTimeUnixNano: AT,
    severityNumber: 0,
    severityText: "",
    eventName: "",
    body: null,
    attributes,
    traceId: "",
    spanId: "",
    ...more,
  };
}

export function claudeRecord(name: string, attributes: Values = {}, more: Partial<LogRecord> = {}): LogRecord {
  const common = { "event.name": name, "session.id": "s1", "user.id": "u1", "prompt.id": "p1" };
  return logRecord("claude-code", "com.anthropic.claude_code.events", { ...common, ...attributes }, more);
}

export function codexRecord(name: string, attributes: Values = {}, more: Partial<LogRecord> = {}): LogRecord {
  const common = { "event.name": `codex.${name}`, "conversation.id": "c1", model: "gpt-5.5" };
  const time = { timeUnixNano: "0", observedTimeUnixNano: AT };
  return logRecord("codex_cli_rs", "codex_otel.log_only", { ...common, ...attributes }, { ...time, ...more });
}

export function claudePoint(
  metric: string,
  value: number,
  attributes: Values = {},
  more: Partial<DataPoint> = {},
): DataPoint {
  return {
    resource: { "service.name": "claude-code" },
    scope: { name: "com.anthropic.claude_code", version: "", attributes: {} },
    metric: `claude_code.${metric}`,
    unit: "",
    kind: "sum",
    temporality: "delta",
    monotonic: true,
    attributes: { "session.id": "s1", "user.id": "u1", ...attributes },
    startTimeUnixNano: "1795368776000000000",
    timeUnixNano: AT,
    value,
    count: 0,
    ...more,
  };
}
