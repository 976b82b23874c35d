/**
 * Limits of what an OTLP body may hold, beside its bytes and records (schema/limits.ts), with unit and reason. Numbers only.
 * Every one of them is far above what an exporter sends; they bound memory and time of a body that means harm.
 */
import { MB } from "../../../schema/limits.ts";

/** Nesting of an AnyValue; the value itself is depth 1. Recorded agents use 2. */
export const MAX_VALUE_DEPTH = 32;
/** Attributes of one record, resource or scope; SDKs stop at 128. Further ones are dropped, and the answer says so. */
export const MAX_ATTRIBUTES = 1_024;
/** Events of one span; SDKs stop at 128. Further ones are dropped like attributes. */
export const MAX_SPAN_EVENTS = 1_024;
/** Values in one body, nested ones included: 16 MB of attributes of 16 bytes each, which none are. About 100 MB of objects. */
export const MAX_VALUES = 1_000_000;
/** Braces, brackets and commas outside strings in one JSON body: 16 MB of the shortest attributes have 1.6 million. */
export const MAX_JSON_TOKENS = 2_000_000;
/** A JSON body below this cannot hold enough values to matter and is parsed without counting them first, bytes. */
export const COUNT_TOKENS_FROM = 1 * MB;
/** Digits of a 64-bit integer with its sign; longer text is no integer, and is not computed with. */
export const MAX_INT64_TEXT = 20;

/** Characters of `error_message` in a partial success. */
export const MAX_ERROR_MESSAGE = 1_000;
/** Reasons told apart in one error message; the rest is a number. */
export const MAX_REASONS = 5;
/** Records that weigh as much as one event in the quota: most of them make no event, but all are read. */
export const RECORDS_PER_TOKEN = 10;

/**
 * Records worked on at a time. An isolate has 128 MB; 16 MB of protobuf are some 40 MB of records, and their events, rows and
 * packs beside them would be more than the rest. What belongs together across records is looked for within so many of them.
 */
export const SLICE_RECORDS = 5_000;
/** Errors and alerts kept of a request, for notices; one call has room for no more. */
export const MAX_NOTABLE = 100;
/** Events of a slice kept for what they say of their agent. */
export const KEPT_EVENTS = 20;
