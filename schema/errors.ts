/**
 * The public error codes and their statuses: one list, one switch.
 * Used by every app under workers/; carries no internal text.
 */
import { z } from "zod";

/** Codes of a whole request's failure, with the HTTP status each one has. */
export const ERROR_STATUS = {
  invalid_body: 400,
  invalid_encoding: 400,
  invalid_request: 400,
  empty_body: 400,
  unauthorized: 401,
  forbidden: 403,
  org_mismatch: 403,
  org_suspended: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  too_many_events: 413,
  unsupported_media_type: 415,
  query_too_expensive: 422,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  overloaded: 503,
  query_timeout: 504,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;
export const ErrorCodeSchema = z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]);

/** Codes of one event's refusal inside a 202. */
export const REJECT_CODES = [
  "invalid_json",
  "invalid_event",
  "event_too_large",
  "metadata_too_large",
  "metadata_too_deep",
  "invalid_key",
  "invalid_number",
  "invalid_unicode",
  "timestamp_in_future",
  "timestamp_too_old",
  "id_conflict",
] as const;
export type RejectCode = (typeof REJECT_CODES)[number];

/** The error body of every route. */
export const ErrorBodySchema = z.object({
  error: z.object({
    code: ErrorCodeSchema,
    message: z.string(),
    request_id: z.string(),
    details: z.unknown().optional(),
  }),
});
export type ErrorBody = z.infer<typeof ErrorBodySchema>;

/**
 * An expected failure of a request: thrown by handlers, turned into the error body by one place.
 * `retryAfter` is in seconds.
 */
export class PublicError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;
  readonly retryAfter: number | undefined;
  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: unknown; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "PublicError";
    this.code = code;
    this.details = options.details;
    this.retryAfter = options.retryAfter;
  }
}
