/**
 * Gemini CLI's metrics: a second account of what the events say, kept as custom events marked `check` that no total sums.
 * Called by gemini-cli.ts. Pure; cumulative points come back for the caller to resolve.
 *
 * `api.request.count` counts each failed call twice, in one series with `error_type` and in one without: only the first is
 * kept, so that the check equals the events' count of attempts.
 */
import type { DataPoint } from "../model.ts";
import { Collector } from "./collector.ts";
import type { Normalised, NormalisedEvent } from "./contract.ts";
import { GEMINI } from "./gemini-cli-table.ts";
import { addFact } from "./points.ts";
import { customType, makeEvent } from "./table.ts";
import { labelOf, numberOf } from "./values.ts";

const NAMESPACE = "gemini_cli.";
const FIRST_ERROR_STATUS = 400;

/** Metrics that repeat a fact of the events, and the name their amount is kept under. */
const CHECKS: Readonly<Record<string, string>> = {
  "gemini_cli.session.count": "sessions",
  "gemini_cli.token.usage": "tokens",
  "gemini_cli.api.request.count": "requests",
  "gemini_cli.tool.call.count": "calls",
  "gemini_cli.lines.changed": "lines",
};

/** Repeated once more, or about the program itself: start-up, memory, latencies, its user interface. */
const IGNORED = [
  "gen_ai.client.",
  "gemini_cli.agent.",
  "gemini_cli.api.request.breakdown",
  "gemini_cli.api.request.latency",
  "gemini_cli.browser_agent.",
  "gemini_cli.chat.",
  "gemini_cli.chat_compression",
  "gemini_cli.cpu.",
  "gemini_cli.credit_purchase.",
  "gemini_cli.event_loop.",
  "gemini_cli.exit.",
  "gemini_cli.file.operation.",
  "gemini_cli.hook_call.",
  "gemini_cli.keychain.",
  "gemini_cli.memory.",
  "gemini_cli.model_routing.",
  "gemini_cli.network_retry.",
  "gemini_cli.onboarding.",
  "gemini_cli.overage_option.",
  "gemini_cli.performance.",
  "gemini_cli.plan.",
  "gemini_cli.slash_command.",
  "gemini_cli.startup.",
  "gemini_cli.token.efficiency",
  "gemini_cli.token_storage.",
  "gemini_cli.tool.call.latency",
  "gemini_cli.tool.execution.",
  "gemini_cli.tool.queue.",
  "gemini_cli.ui.",
] as const;

export function geminiMetrics(points: readonly DataPoint[]): Normalised {
  const out = new Collector();
  for (const point of points) readPoint(out, point);
  return out.result;
}

function readPoint(out: Collector, point: DataPoint): void {
  const { metric, resource, attributes } = point;
  const amountName = Object.hasOwn(CHECKS, metric) ? CHECKS[metric] : undefined;
  if (isSecondCount(point) || (amountName === undefined && IGNORED.some((start) => metric.startsWith(start)))) {
    out.ignored();
    return;
  }
  if (amountName === undefined) out.unknown(metric);
  const name = metric.startsWith(NAMESPACE) ? metric.slice(NAMESPACE.length) : metric;
  const type = customType(GEMINI.prefix, name.replaceAll(".", "_"));
  addFact(out, "kept", GEMINI.agent, point, (amount, at, id): NormalisedEvent => {
    const metadata = amountName === undefined ? { value: amount } : { check: true, [amountName]: amount };
    return makeEvent(GEMINI, resource, attributes, { type, at, id, metadata });
  });
}

/** The series without `error_type` of calls that failed. */
function isSecondCount({ metric, attributes }: DataPoint): boolean {
  if (metric !== "gemini_cli.api.request.count") return false;
  if (labelOf(attributes.error_type) !== undefined || labelOf(attributes["error.type"]) !== undefined) return false;
  return (numberOf(attributes.status_code) ?? 0) >= FIRST_ERROR_STATUS;
}
