-- Rollups: what `events FINAL` says, by hour and by UTC day, kept 36 months. Each recompute of an hour or day inserts all its rows
-- under a generation of its own and then one row 'done' in rollup_runs; readers take the rows of the newest done generation and no
-- others, so a recompute that was cut short, repeated or overtaken shows nothing and doubles nothing.
--
-- generation = ClickHouse's clock in ms at the start of the attempt * 2^20 + 20 random bits: unique per attempt, later is greater.
-- kind: 'hour'    hourly_metrics, window_metrics, session_hours of that hour;
--       'session' `sessions` brought up to that generation of the hour (always after the hour is done);
--       'day'     daily_metrics from the done generations of the day's hours.
-- state: 'started' | 'done' | 'failed'. The done generation of a bucket = max(generation) of state 'done'.
-- watermark = ClickHouse's clock at the start minus 60 s. An insert may run 30 s and dirty_hours.touched_at is its start, so every
-- row of an insert with touched_at <= watermark was seen. An hour is clean when touched_at <= the watermark of its done run.
-- A day is clean when all its hours are and none of them has a done generation above the day's.
-- error: a code of ours, never ClickHouse's text, which repeats values.
CREATE TABLE IF NOT EXISTS rollup_runs
(
    org_id LowCardinality(String),
    kind LowCardinality(String),
    bucket DateTime('UTC'),
    generation UInt64,
    watermark DateTime64(3, 'UTC'),
    finished_at DateTime64(3, 'UTC'),
    state LowCardinality(String),
    rows UInt64,
    error LowCardinality(String) DEFAULT '',
    attempt UInt16 DEFAULT 1
)
ENGINE = MergeTree
ORDER BY (org_id, kind, bucket, generation)
TTL bucket + INTERVAL 36 MONTH
SETTINGS index_granularity = 1024;

-- by_user 0: all users together, user_id ''; 1: the same events once more with a row per user. Never add the two.
-- Several rows of one key in one generation are parts of it (a huge hour is computed in slices): readers sum and merge.
-- users, sessions: uniqCombined64(18), exact up to 8,192 values, and the same number however the states were merged.
-- duration: bfloat16 histogram, values cut to 8 bits of mantissa (at most 0.8 % low); any level may be asked of it.
CREATE TABLE IF NOT EXISTS hourly_metrics
(
    org_id LowCardinality(String),
    by_user UInt8,
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    generation UInt64 CODEC(Delta(8), ZSTD(1)),
    event_type LowCardinality(String),
    team_id LowCardinality(String),
    agent LowCardinality(String),
    model LowCardinality(String),
    repo LowCardinality(String),
    environment LowCardinality(String),
    user_id String CODEC(ZSTD(1)),
    events UInt64,
    errors UInt64,
    security_alerts UInt64,
    pull_requests UInt64,
    session_starts UInt64,
    session_ends UInt64,
    cost_nano_usd Int128,
    cost_events UInt64,
    unpriced_tokens UInt64,
    input_tokens UInt64,
    output_tokens UInt64,
    cache_read_tokens UInt64,
    cache_write_tokens UInt64,
    reasoning_tokens UInt64,
    lines_added UInt64,
    lines_removed UInt64,
    accepted UInt64,
    rejected UInt64,
    users AggregateFunction(uniqCombined64(18), String),
    sessions AggregateFunction(uniqCombined64(18), String),
    duration AggregateFunction(quantilesBFloat16(0.5, 0.9, 0.95, 0.99), UInt64),
    duration_count UInt64,
    duration_sum UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (org_id, by_user, hour, generation, event_type, team_id, agent, model, repo, environment, user_id)
TTL hour + INTERVAL 36 MONTH
SETTINGS index_granularity = 256, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

-- The same by UTC day; generation is the day's own.
CREATE TABLE IF NOT EXISTS daily_metrics
(
    org_id LowCardinality(String),
    by_user UInt8,
    day DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    generation UInt64 CODEC(Delta(8), ZSTD(1)),
    event_type LowCardinality(String),
    team_id LowCardinality(String),
    agent LowCardinality(String),
    model LowCardinality(String),
    repo LowCardinality(String),
    environment LowCardinality(String),
    user_id String CODEC(ZSTD(1)),
    events UInt64,
    errors UInt64,
    security_alerts UInt64,
    pull_requests UInt64,
    session_starts UInt64,
    session_ends UInt64,
    cost_nano_usd Int128,
    cost_events UInt64,
    unpriced_tokens UInt64,
    input_tokens UInt64,
    output_tokens UInt64,
    cache_read_tokens UInt64,
    cache_write_tokens UInt64,
    reasoning_tokens UInt64,
    lines_added UInt64,
    lines_removed UInt64,
    accepted UInt64,
    rejected UInt64,
    users AggregateFunction(uniqCombined64(18), String),
    sessions AggregateFunction(uniqCombined64(18), String),
    duration AggregateFunction(quantilesBFloat16(0.5, 0.9, 0.95, 0.99), UInt64),
    duration_count UInt64,
    duration_sum UInt64
)
ENGINE = MergeTree
PARTITION BY toYear(day)
ORDER BY (org_id, by_user, day, generation, event_type, team_id, agent, model, repo, environment, user_id)
TTL day + INTERVAL 36 MONTH
SETTINGS index_granularity = 256, non_replicated_deduplication_window = 1000;

-- One hour of one session: what `sessions` is put together from, so that a session which runs for months costs one hour when one
-- hour of it changes. Generations as in hourly_metrics. user_id, team_id, ... are the first that are not empty, by time.
CREATE TABLE IF NOT EXISTS session_hours
(
    org_id LowCardinality(String),
    session_id String CODEC(ZSTD(1)),
    hour DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
    generation UInt64 CODEC(Delta(8), ZSTD(1)),
    first_at DateTime64(3, 'UTC'),
    last_at DateTime64(3, 'UTC'),
    user_id String CODEC(ZSTD(1)),
    team_id LowCardinality(String),
    agent LowCardinality(String),
    agent_version LowCardinality(String),
    repo LowCardinality(String),
    branch String CODEC(ZSTD(1)),
    environment LowCardinality(String),
    ended_at Nullable(DateTime64(3, 'UTC')),
    outcome LowCardinality(String),
    duration_ms Nullable(UInt64),
    users Array(String),
    types Array(LowCardinality(String)),
    teams Array(LowCardinality(String)),
    agents Array(LowCardinality(String)),
    models Array(LowCardinality(String)),
    repos Array(LowCardinality(String)),
    environments Array(LowCardinality(String)),
    events UInt64,
    errors UInt64,
    security_alerts UInt64,
    pull_requests UInt64,
    code_generated UInt64,
    cost_nano_usd Int128,
    unpriced_tokens UInt64,
    input_tokens UInt64,
    output_tokens UInt64,
    cache_read_tokens UInt64,
    cache_write_tokens UInt64,
    reasoning_tokens UInt64,
    lines_added UInt64,
    lines_removed UInt64,
    accepted UInt64,
    rejected UInt64
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(hour)
ORDER BY (org_id, session_id, hour, generation)
TTL hour + INTERVAL 13 MONTH
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000;

-- A session as a whole, from the done generations of its hours. Read with FINAL; a session of which no event is left is deleted.
-- No partition: a late first event must replace the row, not stand beside it.
CREATE TABLE IF NOT EXISTS sessions
(
    org_id LowCardinality(String),
    session_id String CODEC(ZSTD(1)),
    started_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    last_at DateTime64(3, 'UTC') CODEC(Delta(8), ZSTD(1)),
    user_id String CODEC(ZSTD(1)),
    team_id LowCardinality(String),
    agent LowCardinality(String),
    agent_version LowCardinality(String),
    repo LowCardinality(String),
    branch String CODEC(ZSTD(1)),
    environment LowCardinality(String),
    ended_at Nullable(DateTime64(3, 'UTC')),
    outcome LowCardinality(String),
    duration_ms Nullable(UInt64),
    users Array(String),
    types Array(LowCardinality(String)),
    teams Array(LowCardinality(String)),
    agents Array(LowCardinality(String)),
    models Array(LowCardinality(String)),
    repos Array(LowCardinality(String)),
    environments Array(LowCardinality(String)),
    events UInt64,
    errors UInt64,
    security_alerts UInt64,
    pull_requests UInt64,
    code_generated UInt64,
    cost_nano_usd Int128,
    unpriced_tokens UInt64,
    input_tokens UInt64,
    output_tokens UInt64,
    cache_read_tokens UInt64,
    cache_write_tokens UInt64,
    reasoning_tokens UInt64,
    lines_added UInt64,
    lines_removed UInt64,
    accepted UInt64,
    rejected UInt64,
    generation UInt64,
    is_deleted UInt8 DEFAULT 0,
    INDEX idx_last_at last_at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(generation, is_deleted)
ORDER BY (org_id, session_id)
TTL toDateTime(last_at) + INTERVAL 36 MONTH
SETTINGS index_granularity = 1024, non_replicated_deduplication_window = 1000;

-- One day of one org in this region: totals, and the compliance score with what it was computed from. Read with FINAL.
CREATE TABLE IF NOT EXISTS daily_reports
(
    org_id LowCardinality(String),
    day DateTime('UTC'),
    generation UInt64,
    created_at DateTime64(3, 'UTC'),
    events UInt64,
    errors UInt64,
    security_alerts UInt64,
    pull_requests UInt64,
    cost_nano_usd Int128,
    unpriced_tokens UInt64,
    tokens UInt64,
    lines_added UInt64,
    lines_removed UInt64,
    accepted UInt64,
    rejected UInt64,
    users UInt64,
    sessions UInt64,
    open_alerts UInt64,
    violations UInt64,
    active_keys UInt32,
    old_keys UInt32,
    completeness Float64,
    score Float64
)
ENGINE = ReplacingMergeTree(generation)
ORDER BY (org_id, day)
TTL day + INTERVAL 36 MONTH;
