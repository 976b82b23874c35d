/**
 * What isolates tell a tenant's IntegrationStats object about telemetry that came in, and what it answers: payloads between Workers
 * and the object, versioned as rpc.ts says. Used by ingest, the object and the integrations routes.
 */

export const INTEGRATIONS_VERSION = 1;

/** Records of one agent by what became of them. */
export interface RecordCounts {
  /** All that came in. */
  records: number;
  /** Became an event, or a part of one. */
  mapped: number;
  /** Kept as `custom.<agent>.<name>`. */
  kept: number;
  /** Known and left out on purpose. */
  ignored: number;
  /** Of a name that no table has. */
  unknown: number;
  /** Refused by the event's schema, or by a limit. */
  rejected: number;
}
export const NO_RECORDS: RecordCounts = { records: 0, mapped: 0, kept: 0, ignored: 0, unknown: 0, rejected: 0 };
export const RECORD_COUNTS = Object.keys(NO_RECORDS) as (keyof RecordCounts)[];

/** One agent in one report: what an isolate has seen of it since its last. */
export interface AgentReport {
  /** The normaliser's name: `claude-code`, … */
  agent: string;
  /** Version of the mapping. */
  mapping: number;
  /** Versions the agent gave of itself. */
  versions: string[];
  /** Edge clock of the newest record, ms. */
  seen_at: number;
  counts: RecordCounts;
  /** Names that no table has -> how often. */
  unknown_names: Record<string, number>;
}

export interface IntegrationReport {
  v: typeof INTEGRATIONS_VERSION;
  org_id: string;
  agents: AgentReport[];
}

/** One agent as the object knows it. */
export interface AgentState {
  agent: string;
  mapping: number;
  first_seen: number;
  last_seen: number;
  counts: RecordCounts;
  versions: { version: string; last_seen: number }[];
  /** Most frequent first. */
  unknown_names: { name: string; count: number }[];
  /** UTC days (YYYY-MM-DD) on which it sent anything, newest first. */
  days: string[];
}

export interface IntegrationStatsRpc {
  /** Adds a report up. Counts may lag by seconds and miss what a crashed isolate had not told; events are the ledger. */
  add(report: IntegrationReport): Promise<void>;
  read(): Promise<AgentState[]>;
}

/** Agents of one tenant that are told apart; more are counted under `other`. */
export const MAX_AGENTS = 50;
/** Versions remembered per agent, the latest seen. */
export const MAX_AGENT_VERSIONS = 20;
/** Unknown names remembered per agent; further ones count, without their name. */
export const MAX_UNKNOWN_NAMES = 100;
/** Characters of a name or version that are kept. */
export const MAX_NAME_LENGTH = 128;
/** UTC days of presence remembered per agent: enough to know a weekly habit. */
export const PRESENCE_DAYS = 60;
