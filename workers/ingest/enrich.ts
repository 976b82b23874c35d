/**
 * Step 4 of ingest: a valid event gets what only the edge knows (received_at, region, category, team, cost in integer nano-USD),
 * loses what looks like a secret, and becomes the text of its row, its identity, and what the live frame needs. Called by
 * accept-events and the OTLP path. Pure.
 */
import { categoryOf } from "../../schema/event.ts";
import type { SessionEntry } from "../../schema/frame.ts";
import { type Hash64, type Identity, identify } from "../../schema/identity.ts";
import type { RedactionCounts } from "../../schema/redaction.ts";
import type { PriceFacts } from "./otlp/normalise/contract.ts";
import { NO_OVERRIDES, type PriceOverrides } from "./otlp/price.ts";
import { costOf, withNotes } from "./otlp/price-event.ts";
import { cleanObject, cleanValue, mayHoldSecret, type SecretCounts, sumOf } from "./otlp/redact-secrets.ts";
import { type RowPrefix, rowText } from "./row-text.ts";
import type { ValidEvent } from "./validate.ts";

/** What a request adds to each of its events; `row` from rowPrefix(). */
export interface Enrichment {
  org: Hash64;
  row: RowPrefix;
  teamOfUser: ReadonlyMap<string, string>;
  /** The tenant's own prices; absent: list prices. */
  prices?: PriceOverrides;
  /** No event of this request can hold a secret: its body, or its events, have been looked at. Absent: each is. */
  clean?: boolean;
}

/** What an event brings that is no part of it: of OTLP, what its price is computed from and what was taken out before. */
export interface Origin {
  price?: PriceFacts | undefined;
  redacted?: RedactionCounts;
}

/** An event ready to be packed: its place in the request, its identity, the line for ClickHouse, the parts of its frame. */
export interface EnrichedEvent extends Identity {
  index: number;
  eventId: string;
  timestampMs: number;
  eventType: string;
  /** A line of JSONEachRow with its newline. */
  line: string;
  session: SessionEntry;
  model: string;
  metadata: Record<string, unknown>;
  costNanoUsd: number | null;
  /** What was taken out of it; undefined: nothing. */
  redacted?: RedactionCounts | undefined;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** `eventId`: the client's, or the one derived for it. Metadata has passed its schema. */
export function enrich(
  event: ValidEvent,
  eventId: string,
  index: number,
  add: Enrichment,
  origin: Origin = {},
): EnrichedEvent {
  const made = make(event, eventId, index, add, origin);
  if (add.clean === true || !mayHoldSecret(made.line)) return made;
  const secrets: SecretCounts = {};
  const clean = withoutSecrets(event, secrets);
  const found = sumOf(secrets);
  if (found === 0) return made;
  const { dropped = 0, hashed = 0, secrets: before = 0 } = origin.redacted ?? {};
  return make(clean, eventId, index, add, { ...origin, redacted: { dropped, hashed, secrets: before + found } });
}

/** Texts of the envelope that people write; types, times and ids of events are checked to be nothing else. */
const WRITTEN = [
  "user_id",
  "session_id",
  "team_id",
  "environment",
  "agent",
  "agent_version",
  "model",
  "repo",
  "branch",
] as const;

function withoutSecrets(event: ValidEvent, secrets: SecretCounts): ValidEvent {
  const envelope = { ...event.envelope };
  for (const name of WRITTEN) {
    const clean = cleanValue(envelope[name], secrets);
    if (typeof clean === "string") envelope[name] = clean;
  }
  const metadata = cleanObject(event.metadata, secrets);
  const metadataText = metadata === event.metadata ? event.metadataText : JSON.stringify(metadata);
  return { envelope, timestampMs: event.timestampMs, metadata, metadataText };
}

function make(event: ValidEvent, eventId: string, index: number, add: Enrichment, origin: Origin): EnrichedEvent {
  const { envelope, metadata, timestampMs } = event;
  const eventType = envelope.event_type;
  const { hashHi, hashLo, idHi, idLo } = identify(add.org, eventType, timestampMs, eventId);
  const model = envelope.model || text(metadata.model);
  const cost =
    eventType === "cost_incurred"
      ? costOf(metadata, model, timestampMs, add.prices ?? NO_OVERRIDES, origin.price)
      : undefined;
  const parts = {
    eventId,
    timestampMs,
    category: envelope.event_category ?? categoryOf(eventType),
    team: envelope.team_id || add.teamOfUser.get(envelope.user_id) || "",
    environment: envelope.environment || "production",
    agent: envelope.agent || text(metadata.agent),
    model,
    repo: envelope.repo || text(metadata.repo),
    branch: envelope.branch || text(metadata.branch),
    cost,
    metadataText: cost === undefined ? event.metadataText : withNotes(event.metadataText, metadata, cost.notes),
  };
  return {
    index,
    eventId,
    timestampMs,
    eventType,
    hashHi,
    hashLo,
    idHi,
    idLo,
    line: rowText(add.row, envelope, metadata, parts),
    session: [
      envelope.session_id,
      envelope.user_id,
      parts.team,
      parts.agent,
      parts.repo,
      parts.branch,
      parts.environment,
    ],
    model,
    metadata,
    costNanoUsd: cost?.nanoUsd ?? null,
    redacted: origin.redacted,
  };
}
