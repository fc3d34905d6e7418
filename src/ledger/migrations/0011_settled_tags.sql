-- The tags that rules or the model gave an item where people had said nothing, by the fingerprint
-- of what a reader sees of it and the facet's key. They hold for as long as the facet's definition
-- does: a model that has learned more since does not change what was published. terms is
-- "slug:origin", divided by spaces.
CREATE TABLE settled_tags (
    view       BIGINT NOT NULL,
    facet      TEXT   NOT NULL,
    definition BIGINT NOT NULL,
    terms      TEXT   NOT NULL,
    PRIMARY KEY (view, facet)
);
