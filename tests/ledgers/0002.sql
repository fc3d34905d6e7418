INSERT INTO archive (feed, number, sequence, updated, source) VALUES ('topic/water', 1, 1, 1700000000000, 0);
