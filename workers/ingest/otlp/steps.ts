/** The steps between a decoded export and its events, as production runs them. Used by the ingest app; nothing else knows them all. */
import type { OtlpSteps } from "./accept.ts";
import { normaliseByAgent } from "./normalise/normalise.ts";
import { overridesOf } from "./price.ts";
import { redact } from "./redact.ts";
import { withAlerts } from "./rules.ts";

export const OTLP_STEPS: OtlpSteps = {
  normalise: normaliseByAgent,
  redact: (events, { policies }) => redact(events, policies.privacy, policies.pseudonymKey).events,
  rules: (events, { policies }) => withAlerts(events, policies.rules),
  prices: ({ policies }) => overridesOf(policies.prices),
};
