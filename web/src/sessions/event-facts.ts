/**
 * What an event says, in the few words and figures that the timeline, the table and the session's head show. Metadata is what a sender
 * wrote: every value is checked here. Pure.
 */
import { z } from "zod";
import type { TimelineEvent } from "../../../schema/api/sessions.ts";
import { typeLabel } from "../chart/palette.ts";
import { formatCount } from "../format/number.ts";

const count = z.number().min(0).catch(0).default(0);
const words = z.string().catch("").default("");

const FactsSchema = z.object({
  duration_ms: z.number().min(0).nullable().catch(null).default(null),
  input_tokens: count,
  output_tokens: count,
  cache_read_tokens: count,
  cache_write_tokens: count,
  reasoning_tokens: count,
  lines_added: z.number().min(0).nullable().catch(null).default(null),
  lines_removed: z.number().min(0).nullable().catch(null).default(null),
  accepted: z.boolean().nullable().catch(null).default(null),
  success: z
    .union([z.boolean(), z.enum(["true", "false"])])
    .nullable()
    .catch(null)
    .default(null),
  language: words,
  message: words,
  code: words,
  rule: words,
  severity: words,
  detail: words,
  title: words,
  url: words,
  outcome: words,
  entrypoint: words,
  tool_name: words,
  number: z.number().nullable().catch(null).default(null),
  turn: z.number().nullable().catch(null).default(null),
});
export type Facts = z.infer<typeof FactsSchema>;

const known = new WeakMap<TimelineEvent, Facts>();

/** Read once per event. */
export function factsOf(event: TimelineEvent): Facts {
  let facts = known.get(event);
  if (facts === undefined) {
    facts = FactsSchema.parse(event.metadata);
    known.set(event, facts);
  }
  return facts;
}

/** Buckets in the order people read them; reasoning is a part of the output of most models, so it is not added. */
export const BUCKETS = ["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens"] as const;
export type Bucket = (typeof BUCKETS)[number] | "reasoning_tokens";

export function tokensOf(event: TimelineEvent): number {
  const facts = factsOf(event);
  return BUCKETS.reduce((sum, bucket) => sum + facts[bucket], 0);
}

/** Tokens of all events by bucket. */
export function bucketsOf(events: readonly TimelineEvent[]): Record<Bucket, number> {
  const sums = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0, reasoning_tokens: 0 };
  for (const event of events) {
    if (event.event_type !== "cost_incurred") continue;
    const facts = factsOf(event);
    for (const bucket of BUCKETS) sums[bucket] += facts[bucket];
    sums.reasoning_tokens += facts.reasoning_tokens;
  }
  return sums;
}

export interface PullRequest {
  name: string;
  /** Null: not an address to follow. */
  url: string | null;
}

export function pullRequestsOf(events: readonly TimelineEvent[]): PullRequest[] {
  const found = new Map<string, PullRequest>();
  for (const event of events) {
    if (event.event_type !== "pr_created") continue;
    const { number, title, url } = factsOf(event);
    const name = [number === null ? "" : `#${number}`, title].filter((part) => part !== "").join(" ") || "Pull request";
    found.set(url === "" ? event.event_id : url, { name, url: webAddress(url) });
  }
  return [...found.values()];
}

/** An address that leads to the web and nowhere else: `javascript:` is one that runs. */
function webAddress(text: string): string | null {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "https:" || url.protocol === "http:") ? url.href : null;
}

/** The last version an agent gave itself. */
export function versionOf(events: readonly TimelineEvent[]): string {
  return events.findLast(({ agent_version }) => agent_version !== "")?.agent_version ?? "";
}

/** What happened, beside the event's type; empty when the type says all. */
export function summaryOf(event: TimelineEvent): string {
  const facts = factsOf(event);
  const join = (...parts: (string | null)[]): string =>
    parts.filter((part) => part !== null && part !== "").join(" · ");
  const tool = event.tool_name === "" ? facts.tool_name : event.tool_name;
  switch (event.event_type) {
    case "session_start":
      return join(facts.entrypoint, event.model);
    case "session_end":
      return facts.outcome;
    case "code_generated":
      return join(linesText(facts), facts.language, tool, facts.accepted === false ? "rejected" : "");
    case "pr_created":
      return join(facts.number === null ? "" : `#${facts.number}`, facts.title);
    case "error":
      return join(facts.code, facts.message, tool);
    case "security_alert":
      return join(facts.severity, facts.rule, facts.detail);
    case "cost_incurred":
      return join(event.model, `${formatCount(tokensOf(event))} tokens`);
    default:
      return join(facts.turn === null ? "" : `turn ${facts.turn}`, tool, failed(facts) ? "failed" : "", facts.message);
  }
}

export function failed({ success }: Facts): boolean {
  return success === false || success === "false";
}

function linesText({ lines_added, lines_removed }: Facts): string {
  if (lines_added === null && lines_removed === null) return "";
  return `+${formatCount(lines_added ?? 0)} −${formatCount(lines_removed ?? 0)}`;
}

/** `custom.claude_code.tool_result` is "Tool result" for people; a standard type has its label. */
export function typeName(type: string): string {
  const label = typeLabel(type);
  if (label !== type) return label;
  const name = type.split(".").at(-1) ?? type;
  return name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
}
