-- Sums of one window (10 s or 1 min) by type, team, agent and environment; the dashboard's source up to 48 h.
-- source 0: written once by the live object when the window sealed, only if it held the window from its start;
-- source 1: recomputed from `events FINAL`. _ver = source * 2^62 + generation, so final always beats live, and a later
-- recompute an earlier one. Once an hour is recomputed, readers take only the rows of its done generation: rows of the live
-- object (generation 0) that no recompute repeats are then no ghosts.
CREATE TABLE IF NOT EXISTS window_metrics
(
    org_id LowCardinality(String),
    window_start DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    window_seconds UInt16,
    event_type LowCardinality(String),
    team_id LowCardinality(String) DEFAULT '',
    agent LowCardinality(String) DEFAULT '',
    environment LowCardinality(String) DEFAULT '',
    events UInt64,
    cost_nano_usd Int64 DEFAULT 0,
    input_tokens UInt64 DEFAULT 0,
    output_tokens UInt64 DEFAULT 0,
    cache_read_tokens UInt64 DEFAULT 0,
    cache_write_tokens UInt64 DEFAULT 0,
    lines_added UInt64 DEFAULT 0,
    lines_removed UInt64 DEFAULT 0,
    accepted UInt64 DEFAULT 0,
    unpriced_tokens UInt64 DEFAULT 0,
    source UInt8,
    generation UInt64,
    _ver UInt64 MATERIALIZED bitShiftLeft(toUInt64(source), 62) + generation
)
ENGINE = ReplacingMergeTree(_ver)
PARTITION BY toDate(window_start)
ORDER BY (org_id, window_seconds, window_start, event_type, team_id, agent, environment)
TTL window_start + INTERVAL 7 DAY
SETTINGS ttl_only_drop_parts = 1, index_granularity = 256, non_replicated_deduplication_window = 1000;
