/**
 * Every limit of the contract, with its unit and its reason.
 * Used by all parts; holds numbers only, no behaviour.
 */

export const KB = 1_000;
export const MB = 1_000_000;
export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Events in one POST /v1/events. 1,000 rows is ClickHouse's own lower bound for a useful batch. */
export const MAX_EVENTS_PER_REQUEST = 1_000;
/** Bytes of one /v1/events body after decompression. */
export const MAX_BODY_BYTES = 5 * MB;
/** Bytes of one OTLP body after decompression. Exporters send whole batches (1.3 MB was recorded) and cannot split one that is refused. */
export const MAX_OTLP_BODY_BYTES = 16 * MB;
/** Log records, data points or spans of one OTLP request. */
export const MAX_OTLP_RECORDS = 50_000;
/** Bytes of one event as JSON. One event always fits one queue message (128 KB) after packing. */
export const MAX_EVENT_BYTES = 64 * KB;
/** Bytes of `metadata` as JSON. */
export const MAX_METADATA_BYTES = 32 * KB;
/** Nesting depth of `metadata`; the object itself is depth 1. */
export const MAX_METADATA_DEPTH = 20;
/** UTF-16 units of a key inside `metadata`. */
export const MAX_METADATA_KEY_LENGTH = 256;
/** Characters (code points, as zod counts) of user_id, session_id and of every label people filter by. */
export const MAX_ID_LENGTH = 256;
/** Characters of `environment`. */
export const MAX_ENVIRONMENT_LENGTH = 64;
/** Characters of `Idempotency-Key`. */
export const MAX_IDEMPOTENCY_KEY_LENGTH = 256;
/** Bytes of request bodies held by one isolate at a time; an isolate has 128 MB in all (workers/platform/limits). */
export const MAX_BODY_BYTES_IN_FLIGHT = 24 * MB;

/** An event may be this far ahead of the edge's clock. */
export const MAX_FUTURE_MS = DAY_MS;
/** Detail is kept 13 months; an older event could never be read. */
export const RETENTION_MS = 396 * DAY_MS;
/** Packs with an event older than this go to the backfill queue and never to the live object. */
export const BACKFILL_AGE_MS = 48 * HOUR_MS;

/** Numeric bounds sit inside the column types: ClickHouse wraps silently (1e19 into Int64 is negative). */
export const MAX_TOKENS = 2 ** 40 - 1;
export const MAX_DURATION_MS = 2 ** 40 - 1;
export const MAX_LINES = 2 ** 31 - 1;
export const MAX_UINT32 = 2 ** 32 - 1;
export const MAX_STATUS_CODE = 999;
/** USD of one event; times 1e9 it is 1e15 nano-USD, exact in a double and far inside Int64. */
export const MAX_COST_USD = 1_000_000;
export const NANO_USD = 1_000_000_000;

/** `_ver` = revision * 2^48 + (2^48 - 1 - received_at in ms): the first received of a revision wins, a later revision always. */
export const VERSION_STEP = 2 ** 48;

/** One Queues billing unit is 64,000 B a message; 63 KB leaves room for its own metadata. */
export const MAX_PACK_BYTES = 63 * KB;
/** A queue message may hold 128 KB with about 100 B of metadata; a single huge event may use it. */
export const MAX_MESSAGE_BYTES = 127 * KB;
/** The live frame counts events and dictionary entries in 16 bits. */
export const MAX_EVENTS_PER_PACK = MAX_EVENTS_PER_REQUEST;

/** A tenant record older than this is refreshed in the background. */
export const TENANT_REFRESH_MS = 40 * SECOND_MS;
/** A tenant record older than this is awaited, so that a revoked key dies within 60 s. */
export const TENANT_MAX_AGE_MS = 60 * SECOND_MS;
/** While D1 fails, a known tenant record is served this long. */
export const TENANT_STALE_MS = 15 * MINUTE_MS;
/** user -> team entries in a tenant record; users above it are resolved at read. */
export const MAX_TENANT_USERS = 20_000;
/** How long anyone waits for a flight that another request started (a cancelled request would hang its followers). */
export const SHARED_FLIGHT_MS = 2 * SECOND_MS;

/** Bytes of backlog at which ingest stops sending to a queue and spills to R2 (a queue holds 25 GB). */
export const SPILL_BACKLOG_BYTES = 10_000 * MB;
/** Spilled packs return to the queue only while its backlog is below this. */
export const SPILL_RESUME_BYTES = SPILL_BACKLOG_BYTES / 2;

/** A quota's bucket holds this many seconds of it: agents flush in bursts, and a restarted fleet sends what it kept. */
export const QUOTA_BURST_S = 10;
/** A lease lives this long; what an isolate has not spent by then goes back with its next call. */
export const LEASE_MS = SECOND_MS;
/** A refusal is believed for at least this long: clients come back after a second, and a flood must not become calls. */
export const REFUSAL_MS = 100;
/** A refusal is asked about again after this long at most, so that a raised quota or plan takes effect. */
export const REFUSAL_RECHECK_MS = 10 * SECOND_MS;
/** Share of a day's quota from which the usage page says so. */
export const QUOTA_NOTICE_SHARE = 0.8;
/** API requests a minute of one token, and of one address before log-in. */
export const API_REQUESTS_PER_MINUTE_PER_CALLER = 100;
/** API requests a minute of one browser session: a view asks ten questions, and somebody who looks for something opens many. */
export const API_REQUESTS_PER_MINUTE_PER_SESSION = 600;
