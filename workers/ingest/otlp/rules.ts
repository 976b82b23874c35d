/**
 * Security alerts out of agents' events, by the rules of schema/security-rules.ts and what the tenant made of them. Called by the OTLP
 * path after redaction, so that an alert holds nothing that an event may not. Pure. An alert's id follows from its rule and its event:
 * the same record sent again is the same alert.
 */
import { MAX_ID_LENGTH } from "../../../schema/limits.ts";
import { NO_RULE_POLICY, type RulePolicy } from "../../../schema/rule-policy.ts";
import { type Condition, SECURITY_RULES, type SecurityRule, type Severity } from "../../../schema/security-rules.ts";
import type { NormalisedEvent } from "./normalise/contract.ts";
import { eventId } from "./normalise/ids.ts";
import type { RedactedEvent } from "./redact.ts";

/** Nothing is taken out of an alert: it is made of what was left. */
const NOTHING_TAKEN = { dropped: 0, hashed: 0, secrets: 0 };

interface ActiveRule {
  rule: SecurityRule;
  severity: Severity;
}

type ByType = ReadonlyMap<string, readonly ActiveRule[]>;

/** One per tenant record: compiled when it is first used. */
const compiled = new WeakMap<RulePolicy, { byType: ByType; secrets: ActiveRule | undefined }>();

/** The events, each followed by the alerts it gives rise to. */
export function withAlerts(events: readonly RedactedEvent[], policy: RulePolicy = NO_RULE_POLICY): RedactedEvent[] {
  const { byType, secrets } = compile(policy);
  const all: RedactedEvent[] = [];
  for (const event of events) {
    all.push(event);
    for (const active of byType.get(`${event.agent} ${event.event.event_type}`) ?? []) {
      if (matches(active.rule, event)) all.push(alertOf(active, event, {}));
    }
    if (secrets !== undefined && event.secretKinds.length > 0) {
      all.push(alertOf(secrets, event, { kinds: [...event.secretKinds].sort() }));
    }
  }
  return all;
}

function compile(policy: RulePolicy): { byType: ByType; secrets: ActiveRule | undefined } {
  let found = compiled.get(policy);
  if (found === undefined) {
    const byType = new Map<string, ActiveRule[]>();
    let secrets: ActiveRule | undefined;
    for (const rule of SECURITY_RULES) {
      const choice = policy.rules[rule.id];
      if (choice?.enabled === false) continue;
      const active = { rule, severity: choice?.severity ?? rule.severity };
      if (rule.id === "secret_seen") secrets = active;
      for (const { agent, type } of rule.matches) {
        const key = `${agent} ${type}`;
        const list = byType.get(key) ?? [];
        if (!list.includes(active)) byType.set(key, [...list, active]);
      }
    }
    found = { byType, secrets };
    compiled.set(policy, found);
  }
  return found;
}

function matches(rule: SecurityRule, { agent, event }: NormalisedEvent): boolean {
  const metadata: Record<string, unknown> = event.metadata ?? {};
  return rule.matches.some(
    (match) =>
      match.agent === agent &&
      match.type === event.event_type &&
      match.when.every((condition) => holds(condition, metadata[condition.key])),
  );
}

function holds(condition: Condition, value: unknown): boolean {
  if ("above" in condition) return typeof value === "number" && value > condition.above;
  return condition.in.some((one) => one === value);
}

function alertOf(
  { rule, severity }: ActiveRule,
  source: NormalisedEvent,
  also: Record<string, unknown>,
): RedactedEvent {
  const { event } = source;
  const from: Record<string, unknown> = event.metadata ?? {};
  const detail: Record<string, unknown> = { ...also };
  for (const key of rule.detail) if (from[key] !== undefined) detail[key] = from[key];
  const { seq: _seq, metadata: _metadata, ...envelope } = event;
  return {
    agent: source.agent,
    sources: {},
    redacted: NOTHING_TAKEN,
    secretKinds: [],
    event: {
      ...envelope,
      event_id: eventId("alert", rule.id, event.event_id, event.timestamp),
      event_type: "security_alert",
      metadata: {
        rule: rule.id,
        severity,
        message: rule.title.slice(0, MAX_ID_LENGTH),
        source_event_id: event.event_id,
        source_type: event.event_type,
        detail,
      },
    },
  };
}
