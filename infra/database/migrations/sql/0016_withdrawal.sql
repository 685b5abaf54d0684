-- Whether the customer wants a delivery opened to other travelers when the accepted one leaves.
ALTER TABLE parcel ADD COLUMN reopens boolean NOT NULL DEFAULT true;

-- What a traveler has to answer for, for staff. Written with the event that says so, and never changed.
CREATE TABLE strike (
    delivery_id uuid NOT NULL REFERENCES delivery,
    event_sequence integer NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    reason text NOT NULL CHECK (reason IN ('withdrew', 'no_show')),
    at timestamptz NOT NULL,
    PRIMARY KEY (delivery_id, event_sequence)
);
CREATE INDEX strike_person_id_idx ON strike (person_id, at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON strike
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON strike
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
