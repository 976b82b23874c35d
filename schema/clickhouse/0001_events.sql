-- Detail of every event, 13 months. Identity = the sorting key; the highest _ver of an identity wins.
CREATE TABLE IF NOT EXISTS events
(
    org_id LowCardinality(String),
    event_type LowCardinality(String),
    timestamp DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    event_id UUID,
    user_id String CODEC(ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    team_id LowCardinality(String) DEFAULT '',
    event_category LowCardinality(String) DEFAULT 'usage',
    environment LowCardinality(String) DEFAULT 'production',
    region LowCardinality(String) DEFAULT '',
    received_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    seq Nullable(UInt32),
    agent LowCardinality(String) DEFAULT '',
    agent_version LowCardinality(String) DEFAULT '',
    model LowCardinality(String) DEFAULT '',
    repo LowCardinality(String) DEFAULT '',
    branch String DEFAULT '' CODEC(ZSTD(1)),
    language LowCardinality(String) DEFAULT '',
    tool_name LowCardinality(String) DEFAULT '',
    outcome LowCardinality(String) DEFAULT '',
    error_code LowCardinality(String) DEFAULT '',
    severity LowCardinality(String) DEFAULT '',
    rule LowCardinality(String) DEFAULT '',
    request_id String DEFAULT '' CODEC(ZSTD(1)),
    status_code Nullable(UInt16),
    fatal Nullable(Bool),
    accepted Nullable(Bool),
    pr_number Nullable(UInt32),
    lines_added UInt32 DEFAULT 0,
    lines_removed UInt32 DEFAULT 0,
    duration_ms Nullable(UInt64),
    input_tokens UInt64 DEFAULT 0,
    output_tokens UInt64 DEFAULT 0,
    cache_read_tokens UInt64 DEFAULT 0,
    cache_write_tokens UInt64 DEFAULT 0,
    reasoning_tokens UInt64 DEFAULT 0,
    cost_nano_usd Nullable(Int64),
    cost_source LowCardinality(String) DEFAULT '',
    metadata String DEFAULT '{}' CODEC(ZSTD(3)),
    _ver UInt64,
    _processing_time DateTime64(3, 'UTC') DEFAULT now64(3) CODEC(Delta(8), ZSTD(1)),
    _partition_key String ALIAS concat(org_id, '/', toString(toYYYYMM(timestamp))),
    INDEX idx_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX idx_user user_id TYPE bloom_filter(0.01) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(_ver)
PARTITION BY toYYYYMM(timestamp)
ORDER BY (org_id, event_type, timestamp, event_id)
TTL toDateTime(timestamp) + INTERVAL 13 MONTH
SETTINGS ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;
