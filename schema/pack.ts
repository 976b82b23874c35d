/**
 * The pack: what travels through queues, buffers and R2. Encoded once by ingest; nobody after it parses its rows.
 * Layout: "TF" | u8 version | u8 spare | u32 header bytes | u32 frame bytes | header JSON | live frame | zstd NDJSON body.
 * Compression happens in ingest; this file only lays bytes out and reads them back.
 */
import { z } from "zod";
import { MAX_EVENTS_PER_PACK } from "./limits.ts";
import { RedactionCountsSchema } from "./redaction.ts";

export const PACK_VERSION = 1;
/** Readers accept N and N-1; there is no N-1 yet. */
export const PACK_MIN_VERSION = 1;

export const STORAGE_REGIONS = ["us", "eu"] as const;
export const StorageRegionSchema = z.enum(STORAGE_REGIONS);
/** Where a pack's rows are stored. */
export type StorageRegion = z.infer<typeof StorageRegionSchema>;

export const ResidencySchema = z.enum(["us", "eu", "global"]);
/** What the tenant chose; eu never leaves EU objects and stores. */
export type Residency = z.infer<typeof ResidencySchema>;

export const PackHeaderSchema = z.object({
  v: z.number().int(),
  pack_id: z.string().regex(/^[0-9a-f]{32}$/),
  org_id: z.string().min(1),
  region: StorageRegionSchema.describe("where the rows are stored"),
  residency: ResidencySchema,
  received_at: z.number().int().describe("ms since the epoch"),
  count: z.number().int().min(1).max(MAX_EVENTS_PER_PACK),
  oldest: z.number().int().describe("ms; the earliest event"),
  newest: z.number().int().describe("ms; the latest event"),
  redacted: RedactionCountsSchema.optional().describe(
    "taken out of its events before they were packed; absent: nothing",
  ),
});
export type PackHeader = z.infer<typeof PackHeaderSchema>;

/** A pack opened: views into the message's bytes, nothing copied. */
export interface Pack {
  header: PackHeader;
  frame: Uint8Array;
  /** zstd frames of NDJSON rows; frames of several packs may be concatenated. */
  body: Uint8Array;
}

/** Bytes that are no pack, or a pack of an unknown version. */
export class PackError extends Error {
  override name = "PackError";
}

const MAGIC_T = 0x54;
const MAGIC_F = 0x46;
const PREFIX_BYTES = 12;
const compiledHeader = z.compile(PackHeaderSchema);

/** Lays a pack out; `header.v` must be PACK_VERSION. */
export function writePack(header: PackHeader, frame: Uint8Array, body: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(PREFIX_BYTES + json.length + frame.length + body.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = MAGIC_T;
  bytes[1] = MAGIC_F;
  bytes[2] = PACK_VERSION;
  view.setUint32(4, json.length, true);
  view.setUint32(8, frame.length, true);
  bytes.set(json, PREFIX_BYTES);
  bytes.set(frame, PREFIX_BYTES + json.length);
  bytes.set(body, PREFIX_BYTES + json.length + frame.length);
  return bytes;
}

/** Opens a pack. Throws PackError. */
export function readPack(bytes: Uint8Array): Pack {
  if (bytes.length < PREFIX_BYTES || bytes[0] !== MAGIC_T || bytes[1] !== MAGIC_F) throw new PackError("not a pack");
  const version = bytes[2] ?? 0;
  if (version < PACK_MIN_VERSION || version > PACK_VERSION) throw new PackError(`pack version ${version} is not known`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frameAt = PREFIX_BYTES + view.getUint32(4, true);
  const bodyAt = frameAt + view.getUint32(8, true);
  if (bodyAt > bytes.length) throw new PackError("pack is cut short");
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes.subarray(PREFIX_BYTES, frameAt)));
  } catch (cause) {
    throw new PackError("pack header is not JSON", { cause });
  }
  const header = compiledHeader.safeParse(json);
  if (!header.success) throw new PackError("pack header has another shape", { cause: header.error });
  return { header: header.data, frame: bytes.subarray(frameAt, bodyAt), body: bytes.subarray(bodyAt) };
}
