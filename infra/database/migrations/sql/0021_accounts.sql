-- What a bearer token is: `personal` was made by an operator on the machine, `session` is the shadow of
-- a signed-in session, under the hash of "session:" and its id, `api_key` belongs to a program. Every
-- statement of the API asks this one table, so that what is revoked here is revoked everywhere at once.
ALTER TABLE access_token
    ADD COLUMN kind text NOT NULL DEFAULT 'personal'
        CHECK (kind IN ('personal', 'session', 'api_key')),
    ADD COLUMN session_id uuid,
    ADD CONSTRAINT access_token_session_check CHECK ((kind = 'session') = (session_id IS NOT NULL));

-- How a person signs in and how they want to be seen. Who has no row uses tokens made for them.
CREATE TABLE account (
    person_id uuid PRIMARY KEY REFERENCES person,
    -- The e-mail address in small letters: one account per address.
    email_lookup text NOT NULL,
    -- Argon2id in the PHC string format; none for people who sign in elsewhere.
    password_hash text,
    password_changed_at timestamptz NOT NULL DEFAULT now(),
    email_verified_at timestamptz,
    phone_verified_at timestamptz,
    -- How much of the name others read, and which messages are wanted besides those about deliveries.
    name_shown text NOT NULL DEFAULT 'first' CHECK (name_shown IN ('full', 'first', 'initials')),
    shares_position boolean NOT NULL DEFAULT true,
    news_by_mail boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX account_email_lookup_key ON account (email_lookup);

-- Places that a person keeps to send from or to.
CREATE TABLE saved_address (
    address_id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    label text NOT NULL,
    address text NOT NULL,
    latitude double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, address_id)
);

-- One signed-in device. Its id is the `sid` of its access tokens and the family of its refresh tokens.
CREATE TABLE session (
    session_id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    device_name text NOT NULL,
    user_agent_family text NOT NULL,
    -- How the person proved who they are, in the words of RFC 8176: pwd, otp, swk, ...
    authenticated_by text[] NOT NULL CHECK (cardinality(authenticated_by) > 0),
    second_factor_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_because text,
    CHECK ((revoked_at IS NULL) = (revoked_because IS NULL))
);
CREATE INDEX session_person_id_idx ON session (person_id, session_id DESC);
ALTER TABLE access_token
    ADD CONSTRAINT access_token_session_id_fkey FOREIGN KEY (session_id) REFERENCES session;
CREATE UNIQUE INDEX access_token_session_id_key ON access_token (session_id)
    WHERE session_id IS NOT NULL;

-- Refresh tokens of a session, in the order in which each was exchanged for the next.
CREATE TABLE refresh_token (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    session_id uuid NOT NULL REFERENCES session,
    sequence integer NOT NULL CHECK (sequence > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    spent_at timestamptz
);
CREATE UNIQUE INDEX refresh_token_session_id_key ON refresh_token (session_id, sequence);

-- Somebody who has shown a password and still owes a second factor.
CREATE TABLE pre_auth_token (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    person_id uuid NOT NULL REFERENCES person,
    device_name text NOT NULL,
    user_agent_family text NOT NULL,
    authenticated_by text[] NOT NULL CHECK (cardinality(authenticated_by) > 0),
    failures integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    spent_at timestamptz
);
CREATE INDEX pre_auth_token_person_id_idx ON pre_auth_token (person_id);

-- A code sent to an address to prove that somebody reads it. The code itself is derived from the id
-- with a key that the database never sees. A code for an address that has no account, or has one
-- already, is a row as well and behaves the same; nobody is sent it.
CREATE TABLE verification_code (
    verification_id uuid PRIMARY KEY,
    purpose text NOT NULL
        CHECK (purpose IN ('registration', 'password_reset', 'email_change', 'phone_change')),
    person_id uuid REFERENCES person,
    address text NOT NULL,
    failures integer NOT NULL DEFAULT 0,
    sendings integer NOT NULL DEFAULT 1,
    sent_at timestamptz NOT NULL DEFAULT now(),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);
CREATE INDEX verification_code_person_id_idx ON verification_code (person_id, purpose)
    WHERE person_id IS NOT NULL;
CREATE INDEX verification_code_expires_at_idx ON verification_code (expires_at);

-- Who wants an account: becomes a person once the code sent to the address has come back.
CREATE TABLE registration (
    verification_id uuid PRIMARY KEY REFERENCES verification_code ON DELETE CASCADE,
    email_lookup text NOT NULL,
    display_name text NOT NULL,
    roles text[] NOT NULL,
    password_hash text NOT NULL
);

-- Failures and sendings are counted per subject, whether or not an account stands behind it: a lock
-- tells nobody who has an account. The subject is a hash, never an address.
CREATE TABLE throttle (
    subject bytea PRIMARY KEY CHECK (length(subject) = 32),
    count integer NOT NULL CHECK (count > 0),
    counted_at timestamptz NOT NULL DEFAULT now(),
    blocked_until timestamptz
);

-- A message may be about an account instead of a delivery.
ALTER TABLE notification
    ALTER COLUMN delivery_id DROP NOT NULL,
    ALTER COLUMN event_sequence DROP NOT NULL,
    ADD COLUMN verification_id uuid,
    ADD CONSTRAINT notification_about_check
        CHECK ((delivery_id IS NULL) = (event_sequence IS NULL));
