-- One issue to one subscriber. Times are milliseconds since 1970 UTC. The address is the
-- subscriber's when the message is made: here is nothing that an erasure would have to find.
CREATE TABLE delivery (
    digest     TEXT   NOT NULL,
    period     TEXT   NOT NULL,
    subscriber BIGINT NOT NULL,
    -- Which rendering it gets: delivery_choices.
    choices    BIGINT NOT NULL,
    -- waiting, held, claimed, flying, sent, failed, uncertain, cancelled
    state      TEXT   NOT NULL,
    attempts   BIGINT NOT NULL DEFAULT 0,
    due        BIGINT NOT NULL,
    -- The process that has it in hand.
    claimed_by TEXT,
    -- What the relay said last, or why it is held or was cancelled.
    reply      TEXT,
    settled    BIGINT,
    PRIMARY KEY (digest, period, subscriber)
);
CREATE INDEX delivery_due ON delivery (digest, period, state, due);

-- The distinct sets of choices of an issue's subscribers: a JSON array of selections each, the
-- empty one being the digest as it is.
CREATE TABLE delivery_choices (
    digest  TEXT   NOT NULL,
    period  TEXT   NOT NULL,
    number  BIGINT NOT NULL,
    choices TEXT   NOT NULL,
    PRIMARY KEY (digest, period, number)
);

-- How many messages the relay took on a day in UTC: 2024-11-25.
CREATE TABLE mail_day (
    day      TEXT   NOT NULL PRIMARY KEY,
    messages BIGINT NOT NULL
);
