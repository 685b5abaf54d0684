-- How often an agent has asked a side something: each question stops the agent's clock for a while.
ALTER TABLE dispute ADD COLUMN questions integer NOT NULL DEFAULT 0 CHECK (questions >= 0);
