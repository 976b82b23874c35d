/**
 * What the agents' files share: a table of attributes read once per record into the fields of an event. Used by every
 * normaliser; knows no agent. Pure.
 *
 * An attribute goes to one place, and `sources` says where, so that a policy per attribute finds its value. Counts derived
 * from content (lines of a patch) are no copies of it and have no source. Values that a typed column cannot take are left
 * out: a strange number must not cost the event.
 */
import { hashString } from "../../../../schema/identity.ts";
import {
  MAX_DURATION_MS,
  MAX_LINES,
  MAX_METADATA_BYTES,
  MAX_STATUS_CODE,
  MAX_TOKENS,
  MAX_UINT32,
} from "../../../../schema/limits.ts";
import { newRoomyBag } from "../decode-values.ts";
import type { Attributes, AttributeValue } from "../model.ts";
import type { NormalisedEvent, PriceFacts } from "./contract.ts";
import { LABEL_NAMES, LABELS, labelText } from "./labels.ts";
import { noSources } from "./sources.ts";
import { isoOf } from "./times.ts";
import { booleanOf, countOf, firstOf, labelOf, numberOf, scalarOf, textOf, usdOf } from "./values.ts";

/** What a value is read as. `tokens`, `millis`, `lines`, `count`, `status`: whole numbers inside their bounds. */
export type Kind =
  | "label"
  | "text"
  | "number"
  | "flag"
  | "usd"
  | "tokens"
  | "millis"
  | "lines"
  | "count"
  | "status"
  | "any";
/** Where an attribute goes: a key of the event's metadata. `null`: read elsewhere or worth nothing. */
export type Place = { to: string; as: Kind } | null;

export interface AgentTable {
  agent: string;
  version: number;
  /** `custom.<prefix>.<name>` is the type of what is kept. */
  prefix: string;
  /** Attributes that may hold each of these, best first; looked for on the record, then on its resource. */
  session: readonly string[];
  /** The last is the id of an installation, random and no name of anybody. */
  user: readonly string[];
  agentVersion: readonly string[];
  model: readonly string[];
  /** Attributes with a place of their own. Others go to metadata under their own name, as sent. */
  attributes: Readonly<Record<string, Place>>;
}

/** Bytes of attributes carried as JSON; what comes after is left out, so that one long attribute does not cost the event. */
const MAX_CARRIED_BYTES = MAX_METADATA_BYTES - 2_000;
/** Texts up to here are taken at their worst (six bytes a unit, as JSON); longer ones are measured. */
const SHORT_TEXT = 256;

/** `claude-opus-4-8[1m]`: how it is run, no part of what it is; prices know the model without it. */
const MODEL_SUFFIX = /\[[^\]]*\]$/;

/** Keys that the contract types, in whatever event they stand. */
const TYPED: Readonly<Record<string, Kind>> = {
  agent: "label",
  model: "label",
  repo: "label",
  branch: "label",
  entrypoint: "label",
  outcome: "label",
  language: "label",
  tool_name: "label",
  code: "label",
  rule: "label",
  severity: "label",
  request_id: "label",
  title: "text",
  url: "text",
  message: "text",
  duration_ms: "millis",
  lines_added: "lines",
  lines_removed: "lines",
  number: "count",
  status_code: "status",
  accepted: "flag",
  fatal: "flag",
  input_tokens: "tokens",
  output_tokens: "tokens",
  cache_read_tokens: "tokens",
  cache_write_tokens: "tokens",
  reasoning_tokens: "tokens",
  cost_usd: "usd",
};

export type Metadata = {
  agent?: string;
  model?: string;
  repo?: string;
  branch?: string;
  [key: string]: unknown;
};
type Fields = NormalisedEvent["event"];

/** A value read as `kind`; undefined when it is none. */
export function readAs(kind: Kind, value: AttributeValue | undefined): string | number | boolean | undefined {
  switch (kind) {
    case "label":
      return labelOf(value);
    case "text":
      return textOf(value);
    case "number":
      return numberOf(value);
    case "flag":
      return booleanOf(value);
    case "usd":
      return usdOf(value);
    case "tokens":
      return countOf(value, MAX_TOKENS);
    case "millis":
      return countOf(value, MAX_DURATION_MS);
    case "lines":
      return countOf(value, MAX_LINES);
    case "count":
      return countOf(value, MAX_UINT32);
    case "status":
      return countOf(value, MAX_STATUS_CODE);
    case "any":
      return scalarOf(value);
  }
}

/** `plugin.name` -> `plugin_name`: a key of metadata has no dots, so that its path is one segment. */
export function keyOf(attribute: string): string {
  return attribute.slice(0, 128).replace(/[^A-Za-z0-9_]+/g, "_");
}

/** A custom event's type by the contract's grammar. */
export function customType(prefix: string, name: string): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9_.-]+/g, "_")
    .replace(/^[^a-z0-9]+/, "");
  return `custom.${prefix}.${words === "" ? "unnamed" : words}`.slice(0, "custom.".length + 100);
}

/** What an event is made of, beside its record's attributes. */
export interface Draft {
  type: string;
  /** ms. */
  at: number;
  id: string;
  /** Metadata of our own; wins over an attribute of the same key. */
  metadata?: Metadata;
  /** Attributes as other places than the table says: `{ error: { to: "message", as: "text" } }`. */
  places?: Readonly<Record<string, Place>>;
  /** Only these attributes are carried to metadata; absent: all. */
  only?: readonly string[];
  seq?: number | undefined;
  price?: PriceFacts;
}

/** The event of a record: who and where from record and resource, what from the record, as the table and the draft say. */
export function makeEvent(
  table: AgentTable,
  resource: Attributes,
  attributes: Attributes,
  draft: Draft,
): NormalisedEvent {
  let step = noSources();
  const metadata: Metadata = Object.assign(newRoomyBag(), { mapping: table.version }, draft.metadata);
  const user = firstOf(table.user, attributes, resource);
  const session = firstOf(table.session, attributes, resource);
  const event: Fields = {
    event_id: draft.id,
    event_type: draft.type,
    timestamp: isoOf(draft.at),
    user_id: user?.value ?? UNKNOWN_USER,
    session_id: session?.value ?? sessionless(table, resource, attributes),
    agent: table.agent,
    metadata,
  };
  if (draft.seq !== undefined) event.seq = draft.seq;
  if (user !== undefined) step = step.and(user.name, "user_id");
  if (session !== undefined) step = step.and(session.name, "session_id");
  const version = firstOf(table.agentVersion, attributes, resource);
  if (version !== undefined) {
    event.agent_version = version.value;
    step = step.and(version.name, "agent_version");
  }
  const model = firstOf(table.model, attributes);
  if (model !== undefined) {
    event.model = modelOf(model.value);
    if (event.model !== model.value) metadata.model_as_sent = model.value;
    step = step.and(model.name, "model");
  }
  for (const { field, names } of LABELS) {
    const found = firstOf(names, attributes, resource);
    if (found === undefined) continue;
    event[field] = labelText(field, found.value);
    step = step.and(found.name, field);
  }
  let room = MAX_CARRIED_BYTES;
  for (const name in attributes) {
    if (name === user?.name || name === session?.name || name === version?.name || name === model?.name) continue;
    const spot = spotOf(table, draft, name);
    if (spot === null || Object.hasOwn(metadata, spot.to)) continue;
    const value = readAs(spot.as, attributes[name]);
    if (value === undefined) continue;
    const bytes = spot.to.length + bytesOf(value);
    if (bytes > room) continue;
    room -= bytes;
    metadata[spot.to] = value;
    step = step.and(name, spot.path);
  }
  const { sources } = step;
  return { event, agent: table.agent, sources, ...(draft.price === undefined ? {} : { price: draft.price }) };
}

const UNKNOWN_USER = "unknown";

/** At least as many bytes as the value takes as JSON with the punctuation around it. */
function bytesOf(value: string | number | boolean): number {
  if (typeof value !== "string") return 32;
  return 8 + (value.length <= SHORT_TEXT ? value.length * 6 : Buffer.byteLength(JSON.stringify(value)));
}

/** The model that is priced. */
export function modelOf(name: string): string {
  return name.replace(MODEL_SUFFIX, "") || name;
}

/** Agents can be told not to send their session's id: then one session stands for all such records of an installation. */
function sessionless(table: AgentTable, resource: Attributes, attributes: Attributes): string {
  const installation = firstOf(table.user.slice(-1), attributes, resource)?.value ?? "";
  const { hi, lo } = hashString(`${table.agent}\u0000${installation}`);
  return `no-session-${hi.toString(16).padStart(8, "0")}${lo.toString(16).padStart(8, "0")}`;
}

/** A place worked out: the key in metadata, what its value is read as, and the whole path. null: nowhere. */
type Spot = { to: string; as: Kind; path: string } | null;

/** Spots of attributes by the table alone: the same few names come with every record. */
const knownSpots = new WeakMap<AgentTable, Map<string, Spot>>();
/** Names come from clients: what is remembered of them is bounded in number and length. */
const MAX_SPOTS = 5_000;
const MAX_SPOT_NAME = 128;

function spotOf(table: AgentTable, draft: Draft, name: string): Spot {
  if (draft.places !== undefined && Object.hasOwn(draft.places, name)) {
    return LABEL_NAMES.has(name) ? null : spotAt(draft.places[name] ?? null);
  }
  const spot = listedSpot(table, name);
  return spot === null || draft.only === undefined || draft.only.includes(name) ? spot : null;
}

function listedSpot(table: AgentTable, name: string): Spot {
  let known = knownSpots.get(table);
  if (known === undefined) {
    known = new Map();
    knownSpots.set(table, known);
  }
  const found = known.get(name);
  if (found !== undefined) return found;
  const listed = Object.hasOwn(table.attributes, name) ? table.attributes[name] : undefined;
  const place = LABEL_NAMES.has(name) ? null : listed === undefined ? { to: keyOf(name), as: "any" as const } : listed;
  const spot = spotAt(place);
  if (name.length > MAX_SPOT_NAME) return spot;
  if (known.size >= MAX_SPOTS) known.clear();
  known.set(name, spot);
  return spot;
}

function spotAt(place: Place): Spot {
  if (place === null || place.to === "" || place.to === "__proto__") return null;
  const { to } = place;
  return { to, as: (Object.hasOwn(TYPED, to) ? TYPED[to] : undefined) ?? place.as, path: `metadata.${to}` };
}
