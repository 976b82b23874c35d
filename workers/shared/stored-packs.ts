/**
 * Packs in R2: where spilled packs, dead letters and replay copies lie, and how they are read back.
 * Called by ingest (spill), queues (copies, dead letters) and replay. EU tenants' packs are only ever in the EU bucket.
 */
import type { PackHeader } from "../../schema/pack.ts";
import { type RedactionCounts, sumOfRedactions } from "../../schema/redaction.ts";
import type { Env } from "./env.ts";

/** The bucket that may hold a pack. */
export function bucketOf(env: Env, header: Pick<PackHeader, "region" | "residency">): R2Bucket {
  return header.residency === "eu" || header.region === "eu" ? env.BUCKET_EU : env.BUCKET;
}

/** `spill/<received_at>-<pack_id>`: listed oldest first; the same events received again at another time lie beside it. */
export function spillKey(header: PackHeader): string {
  return `spill/${String(header.received_at).padStart(15, "0")}-${header.pack_id}`;
}

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** `dead-letters/<day>/<org>/<pack_id>`; the reason is in the object's custom metadata. */
export function deadLetterKey(header: PackHeader, now: number): string {
  return `dead-letters/${day(now)}/${header.org_id}/${header.pack_id}`;
}

/** `packs/<day>/<hour>/<id>`: one object a batch, packs one after another, each preceded by its length. */
export function copyKey(id: string, now: number): string {
  return `packs/${day(now)}/${new Date(now).toISOString().slice(11, 13)}/${id}`;
}

/** What daily receipts count of a copy, as its custom metadata; what has no header counts as a pack. */
export function copyMetadata(headers: readonly (PackHeader | undefined)[]): Record<string, string> {
  const redacted = sumOfRedactions(headers.map((header) => header?.redacted));
  const packs = { packs: String(headers.length) };
  return redacted === undefined ? packs : { ...packs, redacted: redactedText(redacted) };
}

const redactedText = ({ dropped, hashed, secrets }: RedactionCounts): string => `${dropped} ${hashed} ${secrets}`;

const whole = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : 0);

/** The counts of `copyMetadata`; nothing for a copy made before there were any. */
export function readCopyMetadata(metadata: Record<string, string> | undefined): {
  packs: number;
  redacted: RedactionCounts;
} {
  const [dropped = 0, hashed = 0, secrets = 0] = (metadata?.redacted ?? "").split(" ").map(whole);
  return { packs: whole(metadata?.packs ?? ""), redacted: { dropped, hashed, secrets } };
}

const LENGTH_BYTES = 4;

/** Packs behind each other, each preceded by its length (u32, little endian). */
export function joinPacks(packs: readonly Uint8Array[]): Uint8Array {
  const size = packs.reduce((sum, pack) => sum + LENGTH_BYTES + pack.length, 0);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const pack of packs) {
    view.setUint32(at, pack.length, true);
    bytes.set(pack, at + LENGTH_BYTES);
    at += LENGTH_BYTES + pack.length;
  }
  return bytes;
}

/** The packs of `joinPacks`. Throws RangeError when the bytes are cut short. */
export function splitPacks(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packs: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = view.getUint32(at, true);
    at += LENGTH_BYTES;
    if (at + length > bytes.length) throw new RangeError("packs are cut short");
    packs.push(bytes.subarray(at, at + length));
    at += length;
  }
  return packs;
}
