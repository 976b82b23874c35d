/** What the page knows about ingest keys without asking: their words, their snippets, when the first event came. Pure. */
import type { IntegrationsAnswer, SnippetAnswer } from "../../../schema/api/integrations.ts";
import type { Key } from "../../../schema/api/keys.ts";
import { OLD_KEY_DAYS } from "../../../schema/compliance.ts";

/** Where a snippet of the API has a place for a key (workers/api/snippets.ts). */
const PLACE = "YOUR_INGEST_KEY";
const IN_ADDRESS = `/i/${PLACE}`;

export interface FilledBlock {
  label: string;
  file: string | null;
  text: string;
  /** False: the block wants the key in an address, where this one may not stand. */
  usable: boolean;
}

/** A snippet with the key in its places. A key of the header class is never put into an address: it would be refused there. */
export function filledBlocks(
  snippet: Pick<SnippetAnswer, "blocks">,
  key: string,
  keyClass: Key["class"],
): FilledBlock[] {
  return snippet.blocks.map(({ label, file, text }) => {
    const usable = keyClass === "path" || !text.includes(IN_ADDRESS);
    return { label, file, usable, text: usable ? text.replaceAll(PLACE, key) : text };
  });
}

/** Lines or commas of a text field as a list, without empty ones and repeats. */
export function listOf(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((part) => part !== ""))];
}

/** The end of a local day as the API takes it; null: none was chosen. Undefined: not a date, or not in the future. */
export function expiryOf(day: string, now: number): string | null | undefined {
  if (day === "") return null;
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (parts === null) return undefined;
  const end = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + 1);
  return end.getTime() > now ? end.toISOString() : undefined;
}

/** How the waiting for a key's first event stands. */
export interface Arrival {
  /** A request with this very key came in. */
  arrived: boolean;
  /** Agents that have sent since the key was made, by any key; latest first. */
  agents: { agent: string; version: string | null; received: number; rejected: number; unknown: number }[];
}

export function arrivalOf(
  keyId: string,
  keys: readonly Pick<Key, "key_id" | "created_at" | "last_used_at">[],
  integrations: Pick<IntegrationsAnswer, "agents"> | undefined,
): Arrival {
  const key = keys.find(({ key_id }) => key_id === keyId);
  if (key === undefined) return { arrived: false, agents: [] };
  const since = Date.parse(key.created_at);
  const agents = (integrations?.agents ?? []).filter(({ last_seen }) => Date.parse(last_seen) >= since);
  return {
    arrived: key.last_used_at !== null,
    agents: agents.map(({ agent, versions, records }) => ({
      agent,
      version: versions[0]?.version ?? null,
      received: records.received,
      rejected: records.rejected,
      unknown: records.unknown,
    })),
  };
}

export type KeyTone = "good" | "warn" | "ended";

/** A key's state in a word, and whether it needs somebody. A rotated key that is still good is on its way out. */
export function keyState(
  key: Pick<Key, "status" | "replaced_by" | "expires_at">,
  now: number,
): { word: string; tone: KeyTone } {
  if (key.status !== "active") return { word: key.status, tone: "ended" };
  if (key.replaced_by !== null) return { word: "rotated, still good", tone: "warn" };
  const left = key.expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(key.expires_at) - now;
  return left < SOON_MS ? { word: "expires soon", tone: "warn" } : { word: "active", tone: "good" };
}

/** A key that ends within a week wants a successor. */
const SOON_MS = 7 * 86_400_000;

/** True when the key counts against the compliance score. */
export function isOld(key: Pick<Key, "status" | "created_at">, now: number): boolean {
  return key.status === "active" && now - Date.parse(key.created_at) > OLD_KEY_DAYS * 86_400_000;
}
