-- Tries that nobody has added to for days are forgotten, the longest unchanged first.
CREATE INDEX throttle_counted_at_idx ON throttle (counted_at);

-- Nothing is mailed but what is about somebody, so there is nothing to choose.
ALTER TABLE account DROP COLUMN news_by_mail;
