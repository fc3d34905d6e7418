-- The order in which readers learn of items: each publication's place in it, counted from 1. It
-- moves to the end when the item changes. What was published before is put in order of date.
ALTER TABLE publication ADD COLUMN sequence BIGINT NOT NULL DEFAULT 0;
UPDATE publication SET sequence = ordered.place
FROM (SELECT id, ROW_NUMBER() OVER (ORDER BY published, id) AS place FROM publication) AS ordered
WHERE ordered.id = publication.id;
CREATE INDEX publication_sequence ON publication (sequence);

-- The paths of an item's terms when it was last published, divided by spaces; NULL where that was
-- not kept.
ALTER TABLE publication ADD COLUMN terms TEXT;

-- The sealed archive documents of each feed (RFC 5005, section 4), by the feed's folder and the
-- document's number: it holds what stands in the feed after the sequence of the document before,
-- up to its own. updated is that of its newest entry when it was sealed, in milliseconds since
-- 1970 UTC; source tells the selections apart that the feed has had.
CREATE TABLE archive (
    feed     TEXT   NOT NULL,
    number   BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    updated  BIGINT NOT NULL,
    source   BIGINT NOT NULL,
    PRIMARY KEY (feed, number)
);
