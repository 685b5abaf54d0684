-- Two more kinds of credentials; both are rows of access_token, so that what is revoked there is revoked
-- everywhere at once.
ALTER TABLE access_token DROP CONSTRAINT access_token_kind_check;
ALTER TABLE access_token ADD CONSTRAINT access_token_kind_check
    CHECK (kind IN ('personal', 'session', 'api_key', 'acting'));

-- A key of a program. The key itself is known by its hash only; what people recognise it by is its
-- beginning. Without an end its row of access_token never expires.
CREATE TABLE api_key (
    key_id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE REFERENCES access_token,
    person_id uuid NOT NULL REFERENCES person,
    name text NOT NULL,
    prefix text NOT NULL,
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    expires_at timestamptz,
    created_by uuid NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);
CREATE INDEX api_key_person_id_idx ON api_key (person_id, key_id DESC);

-- Somebody of the staff acts in a person's place: the row of access_token is the person's, so that the
-- request sees what they see, and this row says who it really is, why, and what else they may do.
CREATE TABLE acting (
    acting_id uuid PRIMARY KEY,
    token_hash bytea NOT NULL UNIQUE REFERENCES access_token,
    actor_id uuid NOT NULL REFERENCES person,
    person_id uuid NOT NULL REFERENCES person CHECK (person_id <> actor_id),
    reason text NOT NULL CHECK (reason <> ''),
    actions text[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX acting_actor_id_idx ON acting (actor_id, acting_id DESC);
