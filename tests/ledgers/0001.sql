INSERT INTO publication (id, path, page, view, published, updated, gone) VALUES
    ('tag:a', 'news/a.md', '2024/title-of-a', 7, 1732104000000, 1732104000000, NULL),
    ('tag:gone', 'news/gone.md', '2023/gone', 8, 1700000000000, 1700000000000, 1710000000000);
INSERT INTO issue (digest, period, due, items) VALUES
    ('weekly', '2024-W47', 1732521600000, '["tag:a"]');
