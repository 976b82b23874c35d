/**
 * Step 5 of ingest: events become packs of at most 63 KB, encoded once: zstd NDJSON ready for ClickHouse, and a live frame.
 * Deterministic: the same events in the same order make the same packs with the same ids. Called by the events route. Pure.
 */
import { constants, zstdCompressSync } from "node:zlib";
import { type Hash64, packId } from "../../schema/identity.ts";
import { BACKFILL_AGE_MS, MAX_PACK_BYTES } from "../../schema/limits.ts";
import { PACK_VERSION, type PackHeader, type Residency, type StorageRegion, writePack } from "../../schema/pack.ts";
import { sumOfRedactions } from "../../schema/redaction.ts";
import type { EnrichedEvent } from "./enrich.ts";
import { liveFrame } from "./live-frame.ts";

const encoder = new TextEncoder();
/** Level 1 is both the fastest and the smallest measured on 100-event batches (ARCHITECTURE.md, "Compression"). */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Row text above which a chunk is split before it is compressed: at the usual ratio of 6 it would pass 63 KB. */
const MAX_CHUNK_TEXT = 360_000;

/** A pack ready to be sent. `backfill`: holds an event older than 48 h, so it never meets the live object. */
export interface EncodedPack {
  header: PackHeader;
  bytes: Uint8Array;
  backfill: boolean;
}

export interface PackContext {
  orgId: string;
  org: Hash64;
  region: StorageRegion;
  residency: Residency;
  receivedAt: number;
}

/** Packs of these events. Old events travel apart, so that one of them does not keep its neighbours from the live view. */
export function packEvents(events: readonly EnrichedEvent[], context: PackContext): EncodedPack[] {
  const oldest = context.receivedAt - BACKFILL_AGE_MS;
  const recent = events.filter((event) => event.timestampMs >= oldest);
  const old = recent.length === events.length ? [] : events.filter((event) => event.timestampMs < oldest);
  const packs: EncodedPack[] = [];
  encodeInto(packs, recent, context, false);
  encodeInto(packs, old, context, true);
  return packs;
}

function encodeInto(
  packs: EncodedPack[],
  events: readonly EnrichedEvent[],
  context: PackContext,
  backfill: boolean,
): void {
  let chunk: EnrichedEvent[] = [];
  let lines = "";
  for (const event of events) {
    const { line } = event;
    if (chunk.length > 0 && lines.length + line.length > MAX_CHUNK_TEXT) {
      encodeChunk(packs, chunk, lines, context, backfill);
      chunk = [];
      lines = "";
    }
    chunk.push(event);
    lines += line;
  }
  if (chunk.length > 0) encodeChunk(packs, chunk, lines, context, backfill);
}

/** One pack, or two halves when it is too large and can be split. */
function encodeChunk(
  packs: EncodedPack[],
  events: readonly EnrichedEvent[],
  lines: string,
  context: PackContext,
  backfill: boolean,
): void {
  const body = zstdCompressSync(encoder.encode(lines), ZSTD);
  const frame = liveFrame(events, context.receivedAt);
  const header = headerOf(events, context);
  const bytes = writePack(header, frame, body);
  if (bytes.length > MAX_PACK_BYTES && events.length > 1) {
    const half = events.length >> 1;
    for (const part of [events.slice(0, half), events.slice(half)]) {
      encodeChunk(packs, part, part.map(({ line }) => line).join(""), context, backfill);
    }
    return;
  }
  packs.push({ header, bytes, backfill });
}

function headerOf(events: readonly EnrichedEvent[], context: PackContext): PackHeader {
  const hi = new Uint32Array(events.length);
  const lo = new Uint32Array(events.length);
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  for (const [i, event] of events.entries()) {
    hi[i] = event.hashHi;
    lo[i] = event.hashLo;
    oldest = Math.min(oldest, event.timestampMs);
    newest = Math.max(newest, event.timestampMs);
  }
  const redacted = sumOfRedactions(events.map((event) => event.redacted));
  return {
    v: PACK_VERSION,
    pack_id: packId(context.org, hi, lo),
    org_id: context.orgId,
    region: context.region,
    residency: context.residency,
    received_at: context.receivedAt,
    count: events.length,
    oldest,
    newest,
    ...(redacted === undefined ? {} : { redacted }),
  };
}
