-- What came back: bounces, complaints and mails that unsubscribe, each once. Times are
-- milliseconds since 1970 UTC.
CREATE TABLE bounce (
    -- Of the message or notice: one that comes twice counts once.
    fingerprint TEXT   NOT NULL PRIMARY KEY,
    at          BIGINT NOT NULL,
    -- hard, soft, complaint, unsubscribe, nothing, forged, unreadable
    kind        TEXT   NOT NULL,
    -- NULL: not known, or of somebody who is none any more.
    subscriber  BIGINT REFERENCES subscriber (id) ON DELETE CASCADE,
    -- When the mailing was due, in minutes since 1970 UTC: several reports on one count once.
    mailing     BIGINT,
    -- 5.1.1
    status      TEXT,
    detail      TEXT   NOT NULL,
    -- maildir, pipe, webhook
    source      TEXT   NOT NULL,
    -- What a person must look at, base64.
    message     TEXT,
    -- What was done about it; NULL: nothing yet.
    effect      TEXT
);
CREATE INDEX bounce_subscriber ON bounce (subscriber, kind, at);
CREATE INDEX bounce_at ON bounce (at);
