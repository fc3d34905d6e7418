-- WebSub: what hubs elsewhere must be told, and the subscriptions of the embedded hub.

-- Feeds that are being written, by their paths. What stands here when a process starts may have
-- changed without any hub being told.
CREATE TABLE websub_writing (
    topic TEXT NOT NULL PRIMARY KEY
);

-- Feeds that changed, for each hub that has not been told yet.
CREATE TABLE websub_notice (
    hub TEXT NOT NULL,
    topic TEXT NOT NULL,
    -- Grows with each change: what was told of an older one leaves the row.
    version BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    -- When to try next, in milliseconds since 1970 UTC.
    due BIGINT NOT NULL,
    PRIMARY KEY (hub, topic)
);

-- Requests that the subscriber has not confirmed yet.
CREATE TABLE websub_request (
    topic TEXT NOT NULL,
    callback TEXT NOT NULL,
    -- 1: to subscribe, 0: to unsubscribe
    subscribes SMALLINT NOT NULL,
    secret TEXT,
    -- In seconds.
    lease BIGINT NOT NULL,
    PRIMARY KEY (topic, callback)
);

CREATE TABLE websub_subscription (
    topic TEXT NOT NULL,
    callback TEXT NOT NULL,
    secret TEXT,
    -- In milliseconds since 1970 UTC, as all times.
    expires BIGINT NOT NULL,
    -- Fingerprint of the feed as the subscriber has it.
    delivered BIGINT NOT NULL,
    -- Fingerprint of the feed that is being delivered, how often that was tried, and when to try
    -- next.
    wanted BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    due BIGINT NOT NULL,
    PRIMARY KEY (topic, callback)
);
