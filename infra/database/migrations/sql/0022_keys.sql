-- One key per person, delivery or other workflow, wrapped by a key that is not in the database.
-- To erase what it encrypts, the wrapped key is taken out; the row stays, so that none is made anew.
CREATE TABLE data_key (
    key_id uuid PRIMARY KEY,
    owner_kind text NOT NULL,
    owner_id text NOT NULL,
    wrapped_by text,
    wrapped bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    UNIQUE (owner_kind, owner_id),
    CHECK ((wrapped IS NULL) = (wrapped_by IS NULL)),
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL))
);
CREATE INDEX data_key_wrapped_by_idx ON data_key (wrapped_by) WHERE wrapped IS NOT NULL;
