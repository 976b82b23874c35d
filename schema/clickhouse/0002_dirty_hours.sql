-- Hours that received events since they were last rolled up. touched_at is the insert's clock, not the edge's:
-- a replayed pack carries an old received_at and must still make its hour dirty.
CREATE TABLE IF NOT EXISTS dirty_hours
(
    org_id LowCardinality(String),
    hour DateTime('UTC'),
    last_received SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    touched_at SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (org_id, hour)
TTL hour + INTERVAL 36 MONTH;

CREATE MATERIALIZED VIEW IF NOT EXISTS dirty_hours_of_events TO dirty_hours AS
SELECT
    org_id,
    toStartOfHour(timestamp, 'UTC') AS hour,
    max(received_at) AS last_received,
    now64(3) AS touched_at
FROM events
GROUP BY org_id, hour;
