-- Who else of the staff agrees to what was prepared: needed while the traveler carries the parcel.
ALTER TABLE amendment
    ADD COLUMN approved_by uuid REFERENCES person,
    ADD COLUMN approved_at timestamptz,
    ADD CONSTRAINT amendment_two_people_check CHECK (approved_by <> prepared_by),
    ADD CONSTRAINT amendment_approved_check CHECK ((approved_by IS NULL) = (approved_at IS NULL));
