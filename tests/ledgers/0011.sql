INSERT INTO settled_tags (view, facet, definition, terms) VALUES (7, 'topic', 1, 'water:learned');
