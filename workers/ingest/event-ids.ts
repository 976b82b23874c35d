/**
 * Ids for events that came without one: UUIDv8 of H(org, Idempotency-Key + body digest, index), so that a byte-identical
 * retry is the same events, and an Idempotency-Key reused with another body loses nothing. Called by the events route. Pure.
 */
import { createHash } from "node:crypto";

/** Gives an event's id by its index in the request. The body is digested only when the first id is asked for. */
export function derivedIds(
  orgId: string,
  idempotencyKey: string | undefined,
  body: Uint8Array,
): (index: number) => string {
  let seed: Buffer | undefined;
  return (index) => {
    seed ??= createHash("sha256")
      .update(`${orgId}\u0000${idempotencyKey ?? ""}\u0000`)
      .update(createHash("sha256").update(body).digest())
      .digest();
    return uuidV8(createHash("sha256").update(seed).update(String(index)).digest());
  };
}

/** RFC 9562 section 5.8: 122 bits of ours, version 8, variant 10. */
function uuidV8(digest: Buffer): string {
  const bytes = digest.subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
