-- The life of an issue. Its row is made when its draft is; what was composed before this version
-- had no life: it was published at once.
ALTER TABLE issue ADD COLUMN state TEXT NOT NULL DEFAULT 'sent';
-- When its draft was made, milliseconds since 1970 UTC; NULL: before this version.
ALTER TABLE issue ADD COLUMN made BIGINT;
-- What people changed in the draft, JSON.
ALTER TABLE issue ADD COLUMN edits TEXT NOT NULL DEFAULT '{}';
-- Its items as they stood when somebody last looked at the draft, by their ids; JSON.
ALTER TABLE issue ADD COLUMN seen TEXT NOT NULL DEFAULT '{}';
-- What became of them since; JSON.
ALTER TABLE issue ADD COLUMN changes TEXT NOT NULL DEFAULT '[]';
-- Grows with every change of the row, so that nobody overwrites what they have not seen.
ALTER TABLE issue ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- The ids of all items that are new since the last issue, whatever the digest selects: what
-- subscribers' own selections choose from. JSON array.
ALTER TABLE issue ADD COLUMN pool TEXT NOT NULL DEFAULT '[]';
-- What was approved, as every subscriber gets it, however long sending takes; JSON.
ALTER TABLE issue ADD COLUMN frozen TEXT;

-- Who did what with an issue, and when. Times are milliseconds since 1970 UTC.
CREATE TABLE issue_step (
    digest TEXT   NOT NULL,
    period TEXT   NOT NULL,
    number BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    who    TEXT   NOT NULL,
    step   TEXT   NOT NULL,
    why    TEXT,
    PRIMARY KEY (digest, period, number)
);

-- Where an item came in the order in which readers learnt of items first: unlike its sequence,
-- it stays when the item changes. Tells what is new though its date is old.
ALTER TABLE publication ADD COLUMN first_sequence BIGINT NOT NULL DEFAULT 0;
UPDATE publication SET first_sequence = sequence;

-- Since when a digest has issues, and how far its schedule was followed.
CREATE TABLE digest_progress (
    digest   TEXT   NOT NULL PRIMARY KEY,
    -- Items of an earlier date were there before its first issue, unless their first_sequence is
    -- higher than that below. Milliseconds since 1970 UTC; NULL: not known yet.
    since    BIGINT,
    sequence BIGINT NOT NULL,
    -- The last due moment that was dealt with, milliseconds since 1970 UTC.
    followed BIGINT
);
INSERT INTO digest_progress (digest, since, sequence, followed)
    SELECT DISTINCT digest, CAST(NULL AS BIGINT),
           (SELECT COALESCE(MAX(sequence), 0) FROM publication), CAST(NULL AS BIGINT)
    FROM issue;
