-- Tokens of requests and messages, taken a few at a time. The table is not logged: after a crash of the
-- server every bucket is full again, and no request waits for the disk.
CREATE UNLOGGED TABLE rate_bucket (
    key text PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 200),
    burst integer NOT NULL CHECK (burst > 0),
    per_s double precision NOT NULL CHECK (per_s > 0),
    tokens double precision NOT NULL CHECK (tokens >= 0),
    granted integer NOT NULL CHECK (granted >= 0),
    given_back integer NOT NULL CHECK (given_back >= 0),
    filled_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- A bucket that nobody asked for a day is full, and as good as none; these are removed.
CREATE INDEX rate_bucket_filled_at_idx ON rate_bucket USING brin (filled_at);
