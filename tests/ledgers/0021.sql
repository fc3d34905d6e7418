INSERT INTO subscriber (id, address, address_key, name, language, state, created) VALUES
    (1, 'ana@example.org', 'ana@example.org', 'Ana', 'en', 'active', 1),
    (2, 'ben@example.org', 'ben@example.org', NULL, 'en', 'active', 2);
INSERT INTO subscription (id, subscriber, digest, selection, language, confirmed, ended, created) VALUES
    (1, 1, 'weekly', '', 'en', 3, NULL, 1),
    (2, 2, 'weekly', '', 'en', 4, NULL, 2);
INSERT INTO consent (subscriber, number, at, act, source, wording, choices) VALUES
    (1, 1, 3, 'confirmed', 'form', 'Send me the digest', 'weekly');
INSERT INTO suppression (address_hash, reason, since) VALUES ('abc', 'erased', 5);
