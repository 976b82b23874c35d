/**
 * Decoded OTLP to our events: gives each record to its agent's normaliser. Called by the OTLP routes after decoding; no clock,
 * no tenant, no state. Cumulative facts come back unresolved, the caller keeps their series.
 */
import type { Attributes, OtlpExport } from "../model.ts";
import { claudeCode } from "./claude-code.ts";
import { codex } from "./codex.ts";
import { Collector } from "./collector.ts";
import type { Normalised, Normaliser } from "./contract.ts";
import { copilot } from "./copilot.ts";
import { geminiCli } from "./gemini-cli.ts";
import { genai } from "./genai.ts";

/** Asked in this order; the last takes what nobody else knows. */
export const NORMALISERS: readonly [Normaliser, ...Normaliser[]] = [claudeCode, codex, geminiCli, copilot, genai];

/** One agent's part of a request. */
export interface AgentPart {
  agent: string;
  version: number;
  result: Normalised;
}

/** What becomes of a request's records, by agent: what /api/v1/integrations counts. */
export function normaliseByAgent(decoded: OtlpExport): AgentPart[] {
  switch (decoded.signal) {
    case "logs":
      return parts(decoded.records, (normaliser, records) => normaliser.logs(records));
    case "metrics":
      return parts(decoded.records, (normaliser, records) => normaliser.metrics(records));
    case "traces":
      return parts(decoded.records, (normaliser, records) => normaliser.traces(records));
  }
}

/** What becomes of a request's records. */
export function normalise(decoded: OtlpExport): Normalised {
  const all = new Collector();
  for (const part of normaliseByAgent(decoded)) all.join(part.result);
  return all.result;
}

interface Record {
  resource: Attributes;
  scope: { name: string };
}

function parts<T extends Record>(
  records: readonly T[],
  run: (normaliser: Normaliser, records: readonly T[]) => Normalised,
): AgentPart[] {
  const groups = new Map<Normaliser, T[]>();
  let last: T | undefined;
  let group: T[] | undefined;
  for (const record of records) {
    // Records of one resource and scope come together: the same objects need not be asked about again.
    if (group === undefined || last?.resource !== record.resource || last.scope !== record.scope) {
      const normaliser = normaliserOf(record);
      group = groups.get(normaliser) ?? [];
      groups.set(normaliser, group);
    }
    last = record;
    group.push(record);
  }
  return [...groups].map(([normaliser, own]) => {
    const { agent, version } = normaliser;
    return { agent, version, result: run(normaliser, own) };
  });
}

function normaliserOf({ resource, scope }: Record): Normaliser {
  const found = NORMALISERS.find((normaliser) => normaliser.accepts(resource, scope.name));
  return found ?? NORMALISERS.at(-1) ?? NORMALISERS[0];
}
