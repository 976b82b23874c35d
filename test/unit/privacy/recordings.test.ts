/**
 * Every recorded run through normaliser and redaction: nothing of what the default policy drops is left in any event, and every
 * figure is what it was.
 */
import { describe, expect, it } from "vitest";
import { NO_PRIVACY_POLICY, PrivacyPolicySchema } from "../../../schema/privacy-policy.ts";
import type { Attributes, AttributeValue, OtlpExport } from "../../../workers/ingest/otlp/model.ts";
import { redact } from "../../../workers/ingest/otlp/redact.ts";
import { compilePolicy } from "../../../workers/ingest/otlp/redact-policy.ts";
import { eventsOf, requests, type Scenario, scenarios } from "../../support/otlp-fixtures.ts";
import { totalsOf } from "../../support/otlp-totals.ts";

const ALL = ["claude-code", "codex", "gemini"].flatMap(scenarios);
const label = ({ agent, name }: Scenario): string => `${agent}/${name}`;
const agentOf = ({ agent }: Scenario): string => /^(claude-code|codex|gemini-cli)/.exec(agent)?.[1] ?? "";
/** Shorter values are words that stand in any text. */
const TELLING = 12;

function attributeSets(otlp: OtlpExport): Attributes[] {
  return otlp.records.flatMap((record): Attributes[] => {
    const spanEvents = "events" in record ? record.events.map(({ attributes }) => attributes) : [];
    return [record.resource, record.attributes, ...spanEvents];
  });
}

function textsOf(value: AttributeValue | undefined): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsOf);
}

/** Texts of attributes that the defaults drop by name, and of record bodies that are sentences. */
function dropped(scenario: Scenario): Set<string> {
  const policy = compilePolicy(NO_PRIVACY_POLICY);
  const agent = agentOf(scenario);
  const texts = requests(scenario).flatMap((otlp) => [
    ...attributeSets(otlp).flatMap((attributes) =>
      Object.entries(attributes)
        .filter(([name]) => policy.named(agent, name) === "drop")
        .flatMap(([, value]) => textsOf(value)),
    ),
    ...(otlp.signal === "logs" ? otlp.records.flatMap(({ body }) => textsOf(body)) : []),
  ]);
  return new Set(texts.filter((text) => text.length >= TELLING && text.includes(" ")));
}

describe("recorded runs", () => {
  it("are there", () => {
    expect(ALL.length).toBeGreaterThan(20);
    const seen = ALL.flatMap((scenario) => [...dropped(scenario)]);
    expect(seen.length).toBeGreaterThan(100);
    expect(seen.some((text) => text.includes("Begin Patch"))).toBe(true);
  });

  it.each(ALL.map((scenario) => [label(scenario), scenario] as const))(
    "%s keeps nothing that is dropped",
    (_, scenario) => {
      const made = eventsOf(requests(scenario));
      const { events } = redact(made, NO_PRIVACY_POLICY, undefined);
      const stored = events.map(({ event }) => JSON.stringify(event)).join("\n");
      const left = [...dropped(scenario)].filter((text) => stored.includes(JSON.stringify(text).slice(1, -1)));
      expect(left).toEqual([]);
      expect(stored).not.toMatch(/\/srv\/project/);
      expect(totalsOf(events)).toEqual(totalsOf(made));
    },
  );

  it.each(ALL.map((scenario) => [label(scenario), scenario] as const))(
    "%s has the same figures and no name when everybody is a pseudonym",
    (_, scenario) => {
      const made = eventsOf(requests(scenario));
      const policy = PrivacyPolicySchema.parse({
        rules: [
          { attribute: "user.*", action: "hash" },
          { attribute: "installation.id", action: "hash" },
        ],
      });
      const { events } = redact(made, policy, "key");
      expect(totalsOf(events)).toEqual(totalsOf(made));
      const users = (all: typeof made) => new Set(all.map(({ event }) => event.user_id)).size;
      expect(users(events)).toBe(users(made));
      const named = made.map(({ event }) => event.user_id).filter((user) => user !== "unknown");
      const stored = events.map(({ event }) => JSON.stringify(event)).join("\n");
      for (const user of new Set(named)) expect(stored).not.toContain(user);
    },
  );
});
