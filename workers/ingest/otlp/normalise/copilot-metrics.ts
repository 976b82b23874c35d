/**
 * Copilot's metrics: facts that no event has (pull requests, what users do with answers), and checks of those that have one.
 * Called by copilot.ts. Pure; cumulative points come back for the caller to resolve.
 *
 * `lines_of_code.count` adds up the accepted hunks that `edit.hunk.action` tells one by one: a check.
 */
import type { DataPoint } from "../model.ts";
import { Collector } from "./collector.ts";
import type { Normalised, NormalisedEvent } from "./contract.ts";
import { COPILOT } from "./copilot-table.ts";
import { addEach, addFact } from "./points.ts";
import { customType, makeEvent } from "./table.ts";

/** One event for each counted: pull requests of the CLI agent in the editor, and of agents in the cloud. */
const PULL_REQUESTS: Readonly<Record<string, string>> = {
  "copilot_chat.pull_request.count": "editor",
  "copilot_chat.cloud.pr_ready.count": "cloud",
};

/** The amount's name; these repeat events or spans. */
const CHECKS: Readonly<Record<string, string>> = {
  "copilot_chat.lines_of_code.count": "lines",
  "copilot_chat.session.count": "sessions",
  "copilot_chat.tool.call.count": "calls",
  "github.copilot.tool.call.count": "calls",
  "gen_ai.client.token.usage": "tokens",
};

/** Their only source. */
const KEPT: ReadonlySet<string> = new Set([
  "copilot_chat.agent.edit_response.count",
  "copilot_chat.agent.summarization.count",
  "copilot_chat.cloud.error.count",
  "copilot_chat.cloud.operation.count",
  "copilot_chat.user.action.count",
]);

/** Told by events (edits, feedback, cloud sessions), or how long something took. */
const IGNORED: ReadonlySet<string> = new Set([
  "copilot_chat.agent.invocation.duration",
  "copilot_chat.agent.turn.count",
  "copilot_chat.chat_edit.outcome.count",
  "copilot_chat.cloud.operation.duration",
  "copilot_chat.cloud.session.count",
  "copilot_chat.edit.acceptance.count",
  "copilot_chat.edit.survival.four_gram",
  "copilot_chat.edit.survival.no_revert",
  "copilot_chat.time_to_first_token",
  "copilot_chat.tool.call.duration",
  "copilot_chat.user.feedback.count",
  "gen_ai.client.operation.duration",
  "gen_ai.client.operation.time_per_output_chunk",
  "gen_ai.client.operation.time_to_first_chunk",
  "github.copilot.agent.turn.count",
  "github.copilot.tool.call.duration",
]);

export function copilotMetrics(points: readonly DataPoint[]): Normalised {
  const out = new Collector();
  for (const point of points) readPoint(out, point);
  return out.result;
}

function readPoint(out: Collector, point: DataPoint): void {
  const { metric, resource, attributes } = point;
  if (IGNORED.has(metric)) {
    out.ignored();
    return;
  }
  const origin = own(PULL_REQUESTS, metric);
  if (origin !== undefined) {
    addEach(out, "mapped", COPILOT.agent, point, (_, at, id) =>
      makeEvent(COPILOT, resource, attributes, { type: "pr_created", at, id, metadata: { origin } }),
    );
    return;
  }
  const check = own(CHECKS, metric);
  if (check === undefined && !KEPT.has(metric)) out.unknown(metric);
  const name = metric.replace(/^(?:copilot_chat|github\.copilot|gen_ai\.client)\./, "").replaceAll(".", "_");
  addFact(out, "kept", COPILOT.agent, point, (amount, at, id): NormalisedEvent => {
    const metadata = check === undefined ? { value: amount } : { check: true, [check]: amount };
    return makeEvent(COPILOT, resource, attributes, { type: customType(COPILOT.prefix, name), at, id, metadata });
  });
}

function own(names: Readonly<Record<string, string>>, metric: string): string | undefined {
  return Object.hasOwn(names, metric) ? names[metric] : undefined;
}
