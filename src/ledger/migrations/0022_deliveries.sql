-- One issue to one subscriber. Times are milliseconds since 1970 UTC.
CREATE TABLE delivery (
    digest     TEXT   NOT NULL,
    period     TEXT   NOT NULL,
    subscriber BIGINT NOT NULL,
    address    TEXT   NOT NULL,
    -- The domain in ASCII, lower case: limits are kept for each.
    domain     TEXT   NOT NULL,
    -- Which rendering it gets: delivery_choices.
    choices    BIGINT NOT NULL,
    -- waiting, claimed, flying, sent, failed, uncertain, cancelled
    state      TEXT   NOT NULL,
    attempts   BIGINT NOT NULL DEFAULT 0,
    due        BIGINT NOT NULL,
    claimed_by TEXT,
    claimed_at BIGINT,
    reply      TEXT,
    settled    BIGINT,
    PRIMARY KEY (digest, period, subscriber)
);
CREATE INDEX delivery_due ON delivery (digest, period, state, due);

-- The distinct sets of choices of an issue's subscribers: JSON, each rendered once.
CREATE TABLE delivery_choices (
    digest  TEXT   NOT NULL,
    period  TEXT   NOT NULL,
    number  BIGINT NOT NULL,
    choices TEXT   NOT NULL,
    PRIMARY KEY (digest, period, number)
);
