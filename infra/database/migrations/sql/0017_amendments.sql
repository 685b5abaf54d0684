-- What staff have prepared to correct: personal data that must never be in a workflow's history. The
-- event that takes a row over names its id; `previous` keeps what the parcel said before.
CREATE TABLE amendment (
    amendment_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES parcel,
    kind text NOT NULL CHECK (kind IN ('pickup', 'destination', 'recipient')),
    value jsonb NOT NULL CHECK (jsonb_typeof(value) = 'object'),
    previous jsonb,
    prepared_by uuid NOT NULL REFERENCES person,
    prepared_at timestamptz NOT NULL DEFAULT now(),
    applied_at timestamptz
);
CREATE INDEX amendment_delivery_id_idx ON amendment (delivery_id, amendment_id DESC);
