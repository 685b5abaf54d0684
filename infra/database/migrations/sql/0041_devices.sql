-- How much proof a handover of the parcel needs.
ALTER TABLE parcel ADD COLUMN proof_level text NOT NULL DEFAULT 'standard'
    CHECK (proof_level IN ('standard', 'high', 'maximum'));

-- Public keys of devices. A browser that shows a code by its link has one as well, and no person. Rows
-- stay when a device is revoked: a key that was lost is not taken into use again, and what it has
-- signed can be shown to be signed.
CREATE TABLE device (
    device_id uuid PRIMARY KEY,
    person_id uuid REFERENCES person,
    algorithm text NOT NULL CHECK (algorithm IN ('ed25519', 'p256')),
    public_key bytea NOT NULL
        CHECK (length(public_key) = CASE algorithm WHEN 'ed25519' THEN 32 ELSE 65 END),
    name text NOT NULL,
    activated_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    -- Since when it counts for nothing.
    revoked_at timestamptz
);
CREATE UNIQUE INDEX device_person_id_key ON device (person_id, public_key);

-- Which device shows the code of a handover. The secret of a rotating code is derived from the
-- platform's key, the code and this nonce: it is nowhere.
CREATE TABLE code_holding (
    delivery_id uuid NOT NULL,
    purpose text NOT NULL,
    -- That of the code that is held: a code that is issued again is held by nobody.
    issued_at timestamptz NOT NULL,
    -- None since it was released.
    device_id uuid REFERENCES device,
    secret_nonce bytea NOT NULL CHECK (length(secret_nonce) = 16),
    -- Digest of the request that it was handed to: the same one, after a lost answer, gets the same, and
    -- nothing once it was released.
    asked_by bytea NOT NULL CHECK (length(asked_by) = 32),
    handed_at timestamptz,
    PRIMARY KEY (delivery_id, purpose),
    FOREIGN KEY (delivery_id, purpose) REFERENCES handover_code (delivery_id, purpose),
    CHECK ((device_id IS NULL) = (handed_at IS NULL))
);
CREATE INDEX code_holding_device_id_idx ON code_holding (device_id);

-- Who was there: a passkey that was asked for this handover, and where the device was. Where it was is
-- forgotten within days; what the passkey signed stays.
CREATE TABLE presence (
    delivery_id uuid NOT NULL REFERENCES delivery,
    purpose text NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    device_id uuid NOT NULL REFERENCES device,
    latitude double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision CHECK (longitude BETWEEN -180 AND 180),
    accuracy_m real CHECK (accuracy_m >= 0),
    taken_at timestamptz NOT NULL,
    is_mocked boolean NOT NULL,
    proof jsonb NOT NULL,
    verified_at timestamptz NOT NULL,
    PRIMARY KEY (delivery_id, purpose, person_id),
    CHECK ((latitude IS NULL) = (longitude IS NULL) AND (latitude IS NULL) = (accuracy_m IS NULL))
);
CREATE INDEX presence_person_id_idx ON presence (person_id);
CREATE INDEX presence_device_id_idx ON presence (device_id);
CREATE INDEX presence_verified_at_idx ON presence (verified_at);

ALTER TABLE passkey_challenge DROP CONSTRAINT passkey_challenge_purpose_check;
ALTER TABLE passkey_challenge ADD CONSTRAINT passkey_challenge_purpose_check
    CHECK (purpose IN ('register', 'sign_in', 'second_factor', 'step_up', 'presence'));
