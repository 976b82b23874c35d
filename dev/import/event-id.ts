/**
 * Deterministic event ids of imported history: the same record always gets the same id, so importing twice stores once.
 * Used by all importers.
 */
import { createHash } from "node:crypto";

/** UUIDv8 of a SHA-256 over the parts; what the parts are decides what counts as the same event. */
export function eventIdOf(...parts: (string | number)[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(parts)).digest().subarray(0, 16);
  bytes.writeUInt8(0x80 | ((bytes[6] ?? 0) & 0x0f), 6);
  bytes.writeUInt8(0x80 | ((bytes[8] ?? 0) & 0x3f), 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
