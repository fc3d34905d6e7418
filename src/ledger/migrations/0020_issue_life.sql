-- The life of an issue. Its row is made when its draft is; what was composed before this version
-- had no life: it was published at once.
ALTER TABLE issue ADD COLUMN state TEXT NOT NULL DEFAULT 'sent';
-- What people changed in the draft, JSON.
ALTER TABLE issue ADD COLUMN edits TEXT NOT NULL DEFAULT '{}';
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
