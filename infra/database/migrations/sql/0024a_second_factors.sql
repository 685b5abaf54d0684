-- The authenticator app of a person. Secrets are sealed outside the database; a pending one counts
-- from the first code of it that was right.
CREATE TABLE totp_factor (
    person_id uuid PRIMARY KEY REFERENCES person,
    secret text,
    pending_secret text,
    -- The latest time step of which a code was taken: each is taken once, and none before it.
    last_step bigint NOT NULL DEFAULT 0,
    confirmed_at timestamptz,
    CHECK ((secret IS NULL) = (confirmed_at IS NULL)),
    CHECK (secret IS NOT NULL OR pending_secret IS NOT NULL)
);

-- Codes on paper, as hashes; each works once.
CREATE TABLE recovery_code (
    person_id uuid NOT NULL REFERENCES person,
    code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    PRIMARY KEY (person_id, code_hash)
);

-- Wrong tries of a person in a row, whichever sign-in they were made in.
CREATE TABLE factor_tries (
    person_id uuid PRIMARY KEY REFERENCES person,
    failures bigint NOT NULL CHECK (failures >= 0),
    blocked_until timestamptz NOT NULL
);

-- Public keys of devices that recognise a person. Nothing here is secret, and nothing is of the body.
CREATE TABLE passkey (
    passkey_id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    credential_id bytea NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1023),
    public_key bytea NOT NULL,
    -- How often the key has signed, as the device says; zero for devices that do not count.
    sign_count bigint NOT NULL CHECK (sign_count >= 0),
    name text NOT NULL,
    transports text[] NOT NULL DEFAULT '{}',
    backed_up boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz,
    -- Since when the count went backwards: there may be a copy of the key, so it opens nothing.
    copied_at timestamptz
);
CREATE UNIQUE INDEX passkey_credential_id_key ON passkey (credential_id);
CREATE INDEX passkey_person_id_idx ON passkey (person_id);

-- Challenges that a passkey may answer, once; the answer deletes the row.
CREATE TABLE passkey_challenge (
    challenge_hash bytea PRIMARY KEY CHECK (length(challenge_hash) = 32),
    purpose text NOT NULL CHECK (purpose IN ('register', 'sign_in', 'second_factor', 'step_up')),
    person_id uuid REFERENCES person,
    -- Hash of the session, sign-in or approval that the challenge is part of.
    bound_to bytea,
    expires_at timestamptz NOT NULL
);
CREATE INDEX passkey_challenge_expires_at_idx ON passkey_challenge (expires_at);

-- Approvals of single requests: what a second factor has signed, and whether it was used.
CREATE TABLE step_up (
    step_up_id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    -- The credential that asked: no other one may use the approval.
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    method text NOT NULL,
    path text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    grant_hash bytea CHECK (length(grant_hash) = 32),
    answered_by text CHECK (answered_by IN ('totp', 'passkey', 'recovery_code')),
    -- What the passkey signed, so that it can be shown later what was approved.
    proof jsonb,
    used_at timestamptz,
    used_key text,
    CHECK ((grant_hash IS NULL) = (answered_by IS NULL)),
    CHECK (used_at IS NULL OR grant_hash IS NOT NULL)
);
CREATE UNIQUE INDEX step_up_grant_hash_key ON step_up (grant_hash);
CREATE INDEX step_up_person_id_idx ON step_up (person_id);
