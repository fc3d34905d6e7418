INSERT INTO delivery_choices (digest, period, number, choices) VALUES
    ('weekly', '2024-W43', 0, '[""]'), ('weekly', '2024-W45', 0, '[""]');
INSERT INTO delivery (digest, period, subscriber, choices, state, due, settled) VALUES
    ('weekly', '2024-W43', 1, 0, 'sent', 1, 2),
    ('weekly', '2024-W43', 2, 0, 'waiting', 1, NULL),
    ('weekly', '2024-W45', 1, 0, 'sent', 1, 2),
    ('weekly', '2024-W45', 2, 0, 'failed', 1, 2);
