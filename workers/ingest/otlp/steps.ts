/** The steps between a decoded export and its events, as production runs them. Used by the ingest app; nothing else knows them all. */
import type { OtlpSteps } from "./accept.ts";
import { normaliseByAgent } from "./normalise/normalise.ts";
import { overridesOf } from "./price.ts";
import { redact } from "./redact.ts";

export const OTLP_STEPS: OtlpSteps = {
  normalise: normaliseByAgent,
  redact: (events, { policies }) => redact(events, policies.privacy, policies.pseudonymKey).events,
  rules: (events) => events,
  prices: ({ policies }) => overridesOf(policies.prices),
};
