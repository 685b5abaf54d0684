-- People and what they may do.

CREATE TABLE person (
    person_id uuid PRIMARY KEY,
    display_name text NOT NULL,
    roles text[] NOT NULL,
    email text,
    phone text,
    payout_account text,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE access_token (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    person_id uuid NOT NULL REFERENCES person,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX access_token_person_id_idx ON access_token (person_id);

-- One answer per idempotency key of one person.
CREATE TABLE idempotent_request (
    person_id uuid NOT NULL REFERENCES person,
    key text NOT NULL,
    route text NOT NULL,
    request_hash bytea NOT NULL,
    resource_id uuid NOT NULL,
    status_code integer,
    response jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person_id, key)
);

-- What the customer asked for: the only place of addresses and contacts.
CREATE TABLE parcel (
    delivery_id uuid PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES person,
    sender_id uuid NOT NULL REFERENCES person,
    recipient_id uuid REFERENCES person,
    recipient_name text NOT NULL,
    recipient_phone text,
    recipient_email text,
    description text NOT NULL,
    weight_grams integer NOT NULL CHECK (weight_grams > 0),
    declared_value_minor bigint CHECK (declared_value_minor >= 0),
    currency text NOT NULL,
    pickup_address text NOT NULL,
    pickup_latitude double precision NOT NULL CHECK (pickup_latitude BETWEEN -90 AND 90),
    pickup_longitude double precision NOT NULL CHECK (pickup_longitude BETWEEN -180 AND 180),
    destination_address text NOT NULL,
    destination_latitude double precision NOT NULL CHECK (destination_latitude BETWEEN -90 AND 90),
    destination_longitude double precision NOT NULL
        CHECK (destination_longitude BETWEEN -180 AND 180),
    suggested_price_minor bigint NOT NULL CHECK (suggested_price_minor > 0),
    request_expires_at timestamptz NOT NULL,
    pickup_by timestamptz,
    deliver_by timestamptz,
    policies jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- Where each delivery stands: written only in the transaction of a transition.
CREATE TABLE delivery (
    delivery_id uuid PRIMARY KEY REFERENCES parcel,
    customer_id uuid NOT NULL,
    sender_id uuid NOT NULL,
    recipient_id uuid,
    traveler_id uuid,
    status text NOT NULL,
    escrow text NOT NULL,
    dispute text NOT NULL,
    dispute_id uuid,
    currency text NOT NULL,
    price_minor bigint CHECK (price_minor > 0),
    deadline_kind text,
    deadline_at timestamptz,
    attention text,
    head_sequence integer NOT NULL,
    head_hash bytea NOT NULL,
    opened_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    closed_at timestamptz
);
-- Lists are read per person, newest first; ids are ordered by time.
CREATE INDEX delivery_customer_id_idx ON delivery (customer_id, delivery_id DESC);
CREATE INDEX delivery_sender_id_idx ON delivery (sender_id, delivery_id DESC);
CREATE INDEX delivery_recipient_id_idx ON delivery (recipient_id, delivery_id DESC)
    WHERE recipient_id IS NOT NULL;
CREATE INDEX delivery_traveler_id_idx ON delivery (traveler_id, delivery_id DESC)
    WHERE traveler_id IS NOT NULL;
CREATE INDEX delivery_status_idx ON delivery (status, delivery_id DESC);
CREATE INDEX delivery_attention_idx ON delivery (delivery_id) WHERE attention IS NOT NULL;

CREATE TABLE offer (
    offer_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    traveler_id uuid NOT NULL REFERENCES person,
    status text NOT NULL,
    price_minor bigint NOT NULL CHECK (price_minor > 0),
    currency text NOT NULL,
    proposed_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX offer_delivery_id_idx ON offer (delivery_id, offer_id);
CREATE INDEX offer_traveler_id_idx ON offer (traveler_id, delivery_id);

-- What happened, for ever: append-only and chained per delivery.
-- hash = sha256(previous_hash || sequence as eight bytes, big-endian || body as UTF-8);
-- the first previous_hash of a delivery is sha256(delivery_id).
CREATE TABLE event (
    delivery_id uuid NOT NULL REFERENCES delivery,
    sequence integer NOT NULL CHECK (sequence > 0),
    key text NOT NULL,
    kind text NOT NULL,
    actor_role text NOT NULL,
    actor_id uuid,
    at timestamptz NOT NULL,
    body text NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (delivery_id, sequence),
    UNIQUE (delivery_id, key)
);

-- The code itself is derived from the nonce and a key that is not in the database.
CREATE TABLE handover_code (
    delivery_id uuid NOT NULL REFERENCES delivery,
    purpose text NOT NULL,
    nonce bytea NOT NULL,
    code_digest text NOT NULL,
    pin_digest text NOT NULL,
    link_digest text NOT NULL,
    valid_until timestamptz NOT NULL,
    wrong_pins integer NOT NULL DEFAULT 0,
    issued_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by uuid,
    PRIMARY KEY (delivery_id, purpose)
);

-- No foreign key: positions arrive in batches from a caller that has checked the delivery already.
CREATE TABLE position (
    delivery_id uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    accuracy_m real NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (delivery_id, taken_at)
);
CREATE INDEX position_taken_at_idx ON position USING brin (taken_at);

CREATE TABLE dispute (
    dispute_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    opened_by_role text NOT NULL,
    opened_by uuid,
    reason text NOT NULL,
    status text NOT NULL,
    opened_at timestamptz NOT NULL,
    outcome text,
    refund_minor bigint CHECK (refund_minor >= 0),
    release_minor bigint CHECK (release_minor >= 0),
    note text,
    decided_by uuid,
    decided_at timestamptz
);
CREATE INDEX dispute_delivery_id_idx ON dispute (delivery_id);
CREATE INDEX dispute_status_idx ON dispute (status, dispute_id DESC);

CREATE TABLE dispute_evidence (
    evidence_id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES dispute,
    author_id uuid NOT NULL REFERENCES person,
    kind text NOT NULL,
    description text NOT NULL,
    content_sha256 text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dispute_evidence_dispute_id_idx ON dispute_evidence (dispute_id, evidence_id);

CREATE TABLE dispute_message (
    message_id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES dispute,
    author_id uuid NOT NULL REFERENCES person,
    text text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dispute_message_dispute_id_idx ON dispute_message (dispute_id, message_id);

-- Messages to people that a transition left to be sent.
CREATE TABLE notification (
    notification_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    delivery_id uuid NOT NULL REFERENCES delivery,
    event_sequence integer NOT NULL,
    audience text NOT NULL,
    person_id uuid,
    channel text NOT NULL,
    address text NOT NULL,
    kind text NOT NULL,
    parameters jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'queued',
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    provider_id text,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz
);
-- One message per person and transition, whatever the person's roles are and whether or not the
-- person has an account.
CREATE UNIQUE INDEX notification_person_id_key
    ON notification (delivery_id, event_sequence, person_id) WHERE person_id IS NOT NULL;
CREATE UNIQUE INDEX notification_address_key
    ON notification (delivery_id, event_sequence, address) WHERE address <> '';
CREATE INDEX notification_due_at_idx ON notification (due_at) WHERE state = 'queued';
CREATE INDEX notification_sending_idx ON notification (notification_id) WHERE state = 'sending';

-- What the simulated senders keep, like the inbox of a phone.
CREATE TABLE stored_message (
    message_id uuid PRIMARY KEY,
    channel text NOT NULL,
    address text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stored_message_address_idx ON stored_message (address, stored_at DESC);
