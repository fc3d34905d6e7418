INSERT INTO issue (digest, period, due, made, state, version, items, pool, edits, frozen) VALUES
    ('weekly', '2024-W40', 1728284400000, 1728284400000, 'skipped', 2, '["tag:n"]', '["tag:n"]', '{}', NULL),
    ('weekly', '2024-W41', 1728889200000, 1728889200000, 'draft', 2, '["tag:d"]', '["tag:d"]', '{"subject":"Drafted"}', NULL),
    ('weekly', '2024-W42', 1729494000000, 1729494000000, 'approved', 2, '["tag:e"]', '["tag:e"]', '{}', NULL),
    ('weekly', '2024-W43', 1730102400000, 1730102400000, 'sending', 3, '["tag:f"]', '["tag:f"]', '{}',
     '{"form":1,"title":"Weekly digest","subject":"What we sent","preheader":"","introduction":null,"opening":null,"language":"en","headline":null,"groups":[],"entries":[]}'),
    ('weekly', '2024-W44', 1730707200000, 1730707200000, 'paused', 4, '["tag:g"]', '["tag:g"]', '{}',
     '{"form":1,"title":"Weekly digest","subject":"What we sent","preheader":"","introduction":null,"opening":null,"language":"en","headline":null,"groups":[],"entries":[]}'),
    ('weekly', '2024-W45', 1731312000000, 1731312000000, 'sent', 4, '["tag:h"]', '["tag:h"]', '{}',
     '{"form":1,"title":"Weekly digest","subject":"What we sent","preheader":"","introduction":null,"opening":null,"language":"en","headline":null,"groups":[],"entries":[]}'),
    ('weekly', '2024-W46', 1731916800000, 1731916800000, 'cancelled', 2, '["tag:i"]', '["tag:i"]', '{}', NULL);
INSERT INTO issue_step (digest, period, number, at, who, step, why) VALUES
    ('weekly', '2024-W42', 1, 1729494000000, 'schedule', 'drafted', NULL),
    ('weekly', '2024-W42', 2, 1729494000001, 'ana', 'approved', 'fine');
