-- What the customer asked for; the level itself moves with the declared value, and never below this.
ALTER TABLE parcel ADD asked_level text NOT NULL DEFAULT 'standard'
    CHECK (asked_level IN ('standard', 'high', 'maximum'));

-- Every scan that somebody tried, also what was no code at all. The id is that of the request, so that a
-- request that is repeated is one attempt, and the decision about its risk names it. Where the phone was
-- is kept as a distance only.
CREATE TABLE scan_attempt (
    attempt_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    purpose text NOT NULL CHECK (purpose IN ('pickup', 'handover', 'return', 'relay')),
    person_id uuid NOT NULL REFERENCES person,
    source text NOT NULL DEFAULT 'online' CHECK (source IN ('online', 'offline')),
    level text NOT NULL CHECK (level IN ('standard', 'high', 'maximum')),
    -- Empty when nothing could be read.
    method text NOT NULL CHECK (method IN ('', 'pin', 'opaque', 'rotating', 'signed')),
    -- Pending: it was let through to the delivery, which has used no code up on it.
    outcome text NOT NULL CHECK (outcome IN ('pending', 'accepted', 'refused')),
    refusal text NOT NULL DEFAULT '',
    event_sequence integer,
    device_id uuid,
    distance_m integer CHECK (distance_m >= 0),
    accuracy_m real CHECK (accuracy_m >= 0),
    is_mocked boolean NOT NULL DEFAULT false,
    attempted_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    CHECK ((outcome = 'refused') = (refusal <> '')),
    CHECK ((outcome = 'accepted') = (event_sequence IS NOT NULL))
);
CREATE INDEX scan_attempt_delivery_id_idx ON scan_attempt (delivery_id, attempt_id);
CREATE INDEX scan_attempt_person_id_idx ON scan_attempt (person_id, attempted_at);
CREATE INDEX scan_attempt_attempted_at_idx ON scan_attempt (attempted_at);
