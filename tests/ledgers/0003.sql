INSERT INTO tombstone (id, author, reason, feeds) VALUES ('tag:gone', 'Ana', 'It was wrong.', 'topic/water');
INSERT INTO former_page (page, id) VALUES ('2024/title-of-b', 'tag:a');
