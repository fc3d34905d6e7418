INSERT INTO websub_notice (hub, topic, version, attempts, due) VALUES ('https://hub.example/', 'atom.xml', 3, 1, 5);
