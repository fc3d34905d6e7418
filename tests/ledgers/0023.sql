INSERT INTO bounce (fingerprint, at, kind, subscriber, detail, source, effect) VALUES
    ('f', 6, 'soft', 2, 'mailbox full', 'maildir', 'counted');
