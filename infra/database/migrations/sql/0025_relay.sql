-- A parcel that is, or was to be, handed on to a second traveler: written by the events of its delivery.
-- A relay that is open here has ended when another clock than its own is armed for the delivery.
CREATE TABLE relay (
    relay_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    giver_id uuid NOT NULL REFERENCES person,
    taker_id uuid NOT NULL REFERENCES person CHECK (taker_id <> giver_id),
    share_points integer NOT NULL CHECK (share_points BETWEEN 1 AND 9999),
    deliver_by timestamptz NOT NULL,
    status text NOT NULL CHECK (status IN ('asked', 'consented', 'agreed', 'done', 'ended')),
    because text NOT NULL DEFAULT '',
    asked_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX relay_delivery_id_idx ON relay (delivery_id, relay_id DESC);
CREATE INDEX relay_taker_id_idx ON relay (taker_id, relay_id DESC);
CREATE UNIQUE INDEX relay_done_idx ON relay (delivery_id) WHERE status = 'done';
