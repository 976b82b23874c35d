/** What the documents of ingest's routes share. Used by other-apps.ts and otlp-paths.ts. */
import type { ErrorCode } from "../../../schema/errors.ts";
import type { Json } from "./parts.ts";

export const INGEST_ERRORS: readonly ErrorCode[] = [
  "invalid_body",
  "invalid_encoding",
  "empty_body",
  "unauthorized",
  "forbidden",
  "org_mismatch",
  "org_suspended",
  "payload_too_large",
  "too_many_events",
  "unsupported_media_type",
  "rate_limited",
  "unavailable",
  "overloaded",
];
export const keyParameter: Json = {
  name: "key",
  in: "path",
  required: true,
  description: "an ingest key of the path class",
  schema: { type: "string" },
};
export const header = (name: string, description: string): Json => ({
  name,
  in: "header",
  required: false,
  description,
  schema: { type: "string" },
});
