-- What is known of publications that are gone, besides when: who took each back and why, plain
-- text, and the folders of the feeds that it stood in, one a line. What was gone before this table
-- stood in feeds that nobody remembers. A publication that is back leaves its row without meaning.
CREATE TABLE tombstone (
    id     TEXT NOT NULL PRIMARY KEY,
    author TEXT,
    reason TEXT,
    feeds  TEXT NOT NULL
);
CREATE INDEX publication_gone ON publication (gone);

-- Pages that an item had before its slug was changed, and the item that has moved.
CREATE TABLE former_page (
    page TEXT NOT NULL PRIMARY KEY,
    id   TEXT NOT NULL
);
