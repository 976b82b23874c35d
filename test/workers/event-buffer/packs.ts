/** Packs for EventBuffer's tests, laid out with the contract's own writers. Runs in workerd and in node. */
import { zstdCompressSync } from "node:zlib";
import { encodeFrame } from "../../../schema/frame.ts";
import { hashString, identityHash, packId } from "../../../schema/identity.ts";
import { writePack } from "../../../schema/pack.ts";

export interface TestPack {
  packId: string;
  eventIds: string[];
  bytes: Uint8Array;
}

export interface PackOptions {
  orgId?: string;
  events?: number;
  /** ms; the time of every event. */
  at?: number;
  region?: "us" | "eu";
}

export const ORG = "org_eu";

/** A pack of fresh events. */
export function makePack(options: PackOptions = {}): TestPack {
  const { orgId = ORG, events = 2, at = Date.now(), region = "eu" } = options;
  const eventIds = Array.from({ length: events }, () => crypto.randomUUID());
  const org = hashString(orgId);
  const hashes = eventIds.map((id) => identityHash(org, "error", at, id));
  const hashHi = Uint32Array.from(hashes, ({ hi }) => hi);
  const hashLo = Uint32Array.from(hashes, ({ lo }) => lo);
  const id = packId(org, hashHi, hashLo);
  const frame = encodeFrame({
    count: events,
    hashHi,
    hashLo,
    base: at,
    offset: new Int32Array(events),
    type: new Uint16Array(events),
    session: new Uint16Array(events),
    model: new Uint16Array(events),
    types: ["error"],
    models: [""],
    sessions: [["s", "u", "", "", "", "", "production"]],
    measures: [],
  });
  const rows = eventIds.map((event_id) => JSON.stringify({ org_id: orgId, event_id, timestamp: at }));
  const body = new Uint8Array(zstdCompressSync(new TextEncoder().encode(`${rows.join("\n")}\n`)));
  const header = {
    v: 1,
    pack_id: id,
    org_id: orgId,
    region,
    residency: "eu" as const,
    received_at: at,
    count: events,
    oldest: at,
    newest: at,
  };
  return { packId: id, eventIds, bytes: writePack(header, frame, body) };
}
