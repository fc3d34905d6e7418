-- What was published under which id and page. Times are milliseconds since 1970 UTC.
CREATE TABLE publication (
    id        TEXT   NOT NULL PRIMARY KEY,
    path      TEXT   NOT NULL,
    page      TEXT   NOT NULL,
    view      BIGINT NOT NULL,
    published BIGINT NOT NULL,
    updated   BIGINT NOT NULL,
    gone      BIGINT
);
CREATE INDEX publication_path ON publication (path);
CREATE UNIQUE INDEX publication_page ON publication (page);
CREATE INDEX publication_view ON publication (view);

-- Issues of digests that were composed; items is a JSON array of ids.
CREATE TABLE issue (
    digest TEXT   NOT NULL,
    period TEXT   NOT NULL,
    due    BIGINT NOT NULL,
    items  TEXT   NOT NULL,
    PRIMARY KEY (digest, period)
);
