-- Accounts at other providers that sign a person in. An account there belongs to one person here.
CREATE TABLE linked_identity (
    identity_id uuid PRIMARY KEY,
    issuer text NOT NULL,
    subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    provider text NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    linked_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz
);
CREATE UNIQUE INDEX linked_identity_issuer_key ON linked_identity (issuer, subject);
CREATE INDEX linked_identity_person_id_idx ON linked_identity (person_id);

-- Who is at a provider now and has not come back; coming back deletes the row. Neither the state nor
-- the browser's secret can be read from it.
CREATE TABLE provider_sign_in (
    state_hash bytea PRIMARY KEY CHECK (length(state_hash) = 32),
    browser_hash bytea NOT NULL CHECK (length(browser_hash) = 32),
    provider text NOT NULL,
    redirect_uri text NOT NULL,
    -- Who links an account there to the one here; none for signing in.
    person_id uuid REFERENCES person,
    expires_at timestamptz NOT NULL
);
CREATE INDEX provider_sign_in_expires_at_idx ON provider_sign_in (expires_at);
