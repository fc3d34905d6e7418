-- The slug that its digest had when the first of an issue's mails was made, where it has another
-- now: those that follow bear the same Message-ID. NULL: the slug that it has.
ALTER TABLE issue ADD COLUMN sent_as TEXT;
