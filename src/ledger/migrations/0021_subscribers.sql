-- Secrets of this newsroom, made when first needed: base64.
CREATE TABLE secret (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- People who get mail. Times are milliseconds since 1970 UTC.
CREATE TABLE subscriber (
    -- Random, so that a link tells nothing of how many there are.
    id           BIGINT NOT NULL PRIMARY KEY,
    address      TEXT   NOT NULL,
    -- Two addresses with the same key are one person's.
    address_key  TEXT   NOT NULL,
    name         TEXT,
    language     TEXT   NOT NULL,
    -- pending, active, ended
    state        TEXT   NOT NULL,
    -- Until when nothing is sent; NULL: not paused.
    paused_until BIGINT,
    -- A new one voids the links that were handed out.
    generation   BIGINT NOT NULL DEFAULT 0,
    soft_bounces BIGINT NOT NULL DEFAULT 0,
    created      BIGINT NOT NULL
);
CREATE UNIQUE INDEX subscriber_address ON subscriber (address_key);

-- What they chose: a digest, or a selection of their own that goes out with a digest.
CREATE TABLE subscription (
    id         BIGINT NOT NULL PRIMARY KEY,
    subscriber BIGINT NOT NULL REFERENCES subscriber (id) ON DELETE CASCADE,
    -- The slug of the digest whose issues carry it.
    digest     TEXT   NOT NULL,
    -- Empty: the digest as it is. Else the normal form of a selection.
    selection  TEXT   NOT NULL,
    language   TEXT   NOT NULL,
    -- When it was confirmed; NULL: not yet.
    confirmed  BIGINT,
    -- When it was given up; then `confirmed` is NULL. Kept so that no import brings it back.
    ended      BIGINT,
    created    BIGINT NOT NULL
);
CREATE UNIQUE INDEX subscription_choice ON subscription (subscriber, digest, selection);
CREATE INDEX subscription_digest ON subscription (digest);

-- What people agreed to, when, where and in which words.
CREATE TABLE consent (
    subscriber BIGINT NOT NULL REFERENCES subscriber (id) ON DELETE CASCADE,
    number     BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    act        TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    wording    TEXT   NOT NULL,
    choices    TEXT   NOT NULL,
    PRIMARY KEY (subscriber, number)
);

-- Addresses that are never mailed again: keyed hashes, so that an erased person stays erased.
CREATE TABLE suppression (
    address_hash TEXT   NOT NULL PRIMARY KEY,
    -- bounce, complaint, erased, editor
    reason       TEXT   NOT NULL,
    since        BIGINT NOT NULL
);

-- Mails to one person that are no issues: confirmations, changes of address. Sent like deliveries.
CREATE TABLE letter (
    id         BIGINT NOT NULL PRIMARY KEY,
    address    TEXT   NOT NULL,
    -- As subscriber.address_key: nobody gets many letters, however their address is written.
    address_key TEXT  NOT NULL,
    kind       TEXT   NOT NULL,
    -- Who the relay is told it is from.
    return_path TEXT  NOT NULL,
    -- The whole message, from its first header on, base64.
    message    TEXT   NOT NULL,
    -- waiting, claimed, flying, sent, failed, uncertain
    state      TEXT   NOT NULL,
    attempts   BIGINT NOT NULL DEFAULT 0,
    due        BIGINT NOT NULL,
    claimed_by TEXT,
    claimed_at BIGINT,
    reply      TEXT,
    created    BIGINT NOT NULL,
    settled    BIGINT
);
CREATE INDEX letter_due ON letter (state, due);
CREATE INDEX letter_address ON letter (address_key, created);
