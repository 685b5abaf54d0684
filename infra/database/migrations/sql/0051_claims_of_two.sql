-- Who of the staff was the first to agree to a claim for which two are needed.
ALTER TABLE custody_claim
    ADD COLUMN agreed_by uuid REFERENCES person,
    ADD COLUMN agreed_at timestamptz,
    ADD CONSTRAINT custody_claim_agreed_check CHECK ((agreed_by IS NULL) = (agreed_at IS NULL));
