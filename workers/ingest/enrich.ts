/**
 * Step 4 of ingest: a valid event gets what only the edge knows (received_at, region, category, team, cost in integer nano-USD)
 * and becomes the text of its row, its identity, and what the live frame needs. Called by accept-events. Pure.
 */
import { categoryOf } from "../../schema/event.ts";
import type { SessionEntry } from "../../schema/frame.ts";
import { type Hash64, type Identity, identify } from "../../schema/identity.ts";
import { NANO_USD } from "../../schema/limits.ts";
import { type RowPrefix, rowText } from "./row-text.ts";
import type { ValidEvent } from "./validate.ts";

/** What a request adds to each of its events; `row` from rowPrefix(). */
export interface Enrichment {
  org: Hash64;
  row: RowPrefix;
  teamOfUser: ReadonlyMap<string, string>;
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
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** `eventId`: the client's, or the one derived for it. Metadata has passed its schema. */
export function enrich(event: ValidEvent, eventId: string, index: number, add: Enrichment): EnrichedEvent {
  const { envelope, metadata, timestampMs } = event;
  const eventType = envelope.event_type;
  const { hashHi, hashLo, idHi, idLo } = identify(add.org, eventType, timestampMs, eventId);
  const cost = eventType === "cost_incurred" ? metadata.cost_usd : undefined;
  const parts = {
    eventId,
    timestampMs,
    category: envelope.event_category ?? categoryOf(eventType),
    team: envelope.team_id || add.teamOfUser.get(envelope.user_id) || "",
    environment: envelope.environment || "production",
    agent: envelope.agent || text(metadata.agent),
    model: envelope.model || text(metadata.model),
    repo: envelope.repo || text(metadata.repo),
    branch: envelope.branch || text(metadata.branch),
    costNanoUsd: typeof cost === "number" ? Math.round(cost * NANO_USD) : null,
    metadataText: event.metadataText,
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
    model: parts.model,
    metadata,
    costNanoUsd: parts.costNanoUsd,
  };
}
