-- Calls for help. What the caller says and where the phone is are encrypted with the caller's key;
-- whether a call is open is what the list of attention says about it.
CREATE TABLE sos_call (
    sos_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    person_id uuid NOT NULL REFERENCES person,
    role text NOT NULL CHECK (role IN ('traveler', 'recipient', 'sender', 'customer')),
    note text,
    place text,
    calls integer NOT NULL DEFAULT 1 CHECK (calls > 0),
    called_at timestamptz NOT NULL,
    last_called_at timestamptz NOT NULL
);
CREATE INDEX sos_call_delivery_id_idx ON sos_call (delivery_id, sos_id DESC);
CREATE INDEX sos_call_person_id_idx ON sos_call (person_id, sos_id DESC);
