/**
 * Privacy at the first hop: what a policy drops or hashes is gone from an event before anything is logged, queued or stored, and
 * secrets are removed from what is kept. Called by the OTLP path right after the normaliser. Pure and synchronous.
 *
 * Ids of events and sessions, types and times are never touched: without them events could not be told apart.
 */
import { createHmac } from "node:crypto";
import type { RedactionCounts } from "../../../schema/redaction.ts";
import type { NormalisedEvent } from "./normalise/contract.ts";
import { readPath, removePath, writePath } from "./redact-path.ts";
import { type PlannedStep, planFor } from "./redact-plan.ts";
import { type CompiledPolicy, compilePolicy, type PrivacyChoice } from "./redact-policy.ts";
import { cleanObject, type SecretCounts, sumOf } from "./redact-secrets.ts";

export type { PrivacyChoice } from "./redact-policy.ts";

/** An event that may be stored, and what was taken out of it. */
export interface RedactedEvent extends NormalisedEvent {
  redacted: RedactionCounts;
  /** Kinds of secrets that were found, by name: what a security rule may say. Never the secrets. */
  secretKinds: readonly string[];
}

/** Who a user is when the policy drops what says so: figures still add up, nobody is named. */
export const ANONYMOUS_USER = "anonymous";
const PSEUDONYM_PREFIX = "anon_";
/** Bytes of the HMAC that are kept: 128 bits, so that no two people meet. */
const PSEUDONYM_BYTES = 16;

type Event = NormalisedEvent["event"];
const PROTECTED: ReadonlySet<string> = new Set([
  "event_id",
  "org_id",
  "session_id",
  "event_type",
  "event_category",
  "timestamp",
  "seq",
]);

/**
 * The events as they may be stored, and the sums of what was taken out. `pseudonymKey`: the tenant's secret; without one, what
 * should be hashed is dropped. The same value has the same pseudonym in every attribute and agent of a tenant.
 */
export function redact(
  events: readonly NormalisedEvent[],
  policy: PrivacyChoice,
  pseudonymKey: string | undefined,
): { events: RedactedEvent[]; counts: RedactionCounts } {
  const rules = compilePolicy(policy);
  const pseudonyms = pseudonymKey === undefined ? undefined : pseudonymsOf(pseudonymKey);
  const counts: RedactionCounts = { dropped: 0, hashed: 0, secrets: 0 };
  const redacted = events.map((event) => {
    const clean = redactEvent(event, rules, pseudonyms);
    counts.dropped += clean.redacted.dropped;
    counts.hashed += clean.redacted.hashed;
    counts.secrets += clean.redacted.secrets;
    return clean;
  });
  return { events: redacted, counts };
}

type Pseudonyms = (value: string) => string;

/** Pseudonyms of one request: people repeat in it, HMACs need not. */
function pseudonymsOf(key: string): Pseudonyms {
  const known = new Map<string, string>();
  return (value) => {
    let found = known.get(value);
    if (found === undefined) {
      found = pseudonym(key, value);
      known.set(value, found);
    }
    return found;
  };
}

/** `anon_` and 32 hexadecimal digits of HMAC-SHA-256. */
export function pseudonym(key: string, value: string): string {
  const digest = createHmac("sha256", key).update(value).digest();
  return PSEUDONYM_PREFIX + digest.subarray(0, PSEUDONYM_BYTES).toString("hex");
}

function redactEvent(
  source: NormalisedEvent,
  rules: CompiledPolicy,
  pseudonyms: Pseudonyms | undefined,
): RedactedEvent {
  const { agent, sources } = source;
  const plan = planFor(rules, agent, sources);
  let work: Work | undefined;
  for (const step of plan.steps) {
    const action = step.action ?? rules.actionOfValue(valueAt(work?.event ?? source.event, step));
    if (action === "keep") continue;
    work ??= workOn(source.event, pseudonyms);
    take(work, step.path, action);
  }
  // What stands for no attribute is the normaliser's own: counts, which stay, and texts, for whose names a rule still holds.
  const metadata = (work?.event ?? source.event).metadata;
  for (const name in metadata) {
    const value = metadata[name];
    if (typeof value === "number" || typeof value === "boolean" || plan.isListed(name)) continue;
    const action = rules.named(agent, name);
    if (action !== "hash" && action !== "drop") continue;
    work ??= workOn(source.event, pseudonyms);
    take(work, `metadata.${name}`, action);
  }
  if (work !== undefined && work.identities.size > 0) replaceIdentities(work.event, work.identities);
  const secrets: SecretCounts = {};
  const clean = cleanObject(work?.event ?? source.event, secrets);
  const redacted = { dropped: work?.dropped ?? 0, hashed: work?.hashed ?? 0, secrets: sumOf(secrets) };
  return { ...source, event: clean, redacted, secretKinds: Object.keys(secrets) };
}

/** What readPath() reads; nearly always a name below metadata. */
function valueAt(event: Event, { path, below }: PlannedStep): unknown {
  const { metadata } = event;
  if (below !== undefined && metadata !== undefined && metadata !== null && Object.hasOwn(metadata, below)) {
    return metadata[below];
  }
  return readPath(event, path);
}

/** A copy of an event of which something goes. Most are kept as they are. */
function workOn(source: Event, pseudonyms: Pseudonyms | undefined): Work {
  const event: Event = { ...source };
  if (event.metadata !== undefined && event.metadata !== null) event.metadata = { ...event.metadata };
  return { event, pseudonyms, done: new Set(), identities: new Map(), dropped: 0, hashed: 0 };
}

/** One event being redacted. */
interface Work {
  event: Event;
  pseudonyms: Pseudonyms | undefined;
  /** Paths that are dealt with: two attributes may name the same one. */
  done: Set<string>;
  /** Values of identities that went, and what stands for them now. */
  identities: Map<string, string | undefined>;
  dropped: number;
  hashed: number;
}

function take(work: Work, path: string, action: "hash" | "drop"): void {
  const { event, pseudonyms } = work;
  const value = readPath(event, path);
  if (value === undefined || PROTECTED.has(path) || work.done.has(path)) return;
  work.done.add(path);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const replacement = action === "hash" && text !== "" ? pseudonyms?.(text) : undefined;
  if ((action === "hash" || path === "user_id") && text !== "") work.identities.set(text, replacement);
  if (replacement !== undefined) {
    work.hashed++;
    writePath(event, path, replacement);
    return;
  }
  work.dropped++;
  if (path === "user_id") event.user_id = ANONYMOUS_USER;
  else removePath(event, path);
}

/** An identity that goes from one attribute goes from wherever else it stands as a whole value. */
function replaceIdentities(event: Event, identities: Work["identities"]): void {
  if (identities.has(event.user_id)) event.user_id = identities.get(event.user_id) ?? ANONYMOUS_USER;
  const metadata: Record<string, unknown> = event.metadata ?? {};
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value !== "string" || !identities.has(value)) continue;
    const replacement = identities.get(value);
    if (replacement === undefined) delete metadata[name];
    else metadata[name] = replacement;
  }
}
