-- What phones took along to scan without network, and everything that they said afterwards to have
-- scanned. Nothing of it is ever dropped: what proves nothing is kept as well, with the reason.
CREATE TABLE offline_manifest (
    manifest_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    person_id uuid NOT NULL REFERENCES person,
    device_id uuid NOT NULL REFERENCES device,
    level text NOT NULL CHECK (level IN ('standard', 'high', 'maximum')),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    issued_at timestamptz NOT NULL,
    valid_until timestamptz NOT NULL CHECK (valid_until > issued_at)
);
CREATE INDEX offline_manifest_delivery_id_idx ON offline_manifest (delivery_id, manifest_id);
CREATE TRIGGER never_deleted BEFORE DELETE ON offline_manifest
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE custody_claim (
    claim_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    person_id uuid NOT NULL REFERENCES person,
    -- As whoever sent it names them: no such device or manifest may be there.
    device_id uuid NOT NULL,
    manifest_id uuid,
    purpose text CHECK (purpose IN ('pickup', 'handover', 'return', 'relay')),
    counter integer CHECK (counter > 0),
    -- Whether it holds the place of its number in the chain of its device.
    is_chained boolean NOT NULL,
    -- The text that was signed, encrypted with the key of whoever sent it; empty once they are erased.
    claim text NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    previous_sha256 text CHECK (previous_sha256 ~ '^[0-9a-f]{64}$'),
    signature bytea NOT NULL,
    claimed_at timestamptz,
    sent_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'accepted', 'in_review', 'refused', 'superseded')),
    reasons text[] NOT NULL DEFAULT '{}',
    review_by timestamptz,
    -- The event of the hold that it was looked at behind, if there was none before.
    hold_sequence integer,
    decided_by uuid REFERENCES person,
    decided_at timestamptz,
    decision_note text NOT NULL DEFAULT '',
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (NOT is_chained OR counter IS NOT NULL),
    CHECK (state <> 'in_review' OR review_by IS NOT NULL),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL))
);
CREATE UNIQUE INDEX custody_claim_counter_idx ON custody_claim (device_id, counter) WHERE is_chained;
CREATE UNIQUE INDEX custody_claim_sha256_idx
    ON custody_claim (person_id, device_id, sha256, signature);
CREATE INDEX custody_claim_delivery_id_idx ON custody_claim (delivery_id, claim_id);
CREATE INDEX custody_claim_person_id_idx ON custody_claim (person_id, claim_id DESC);
CREATE INDEX custody_claim_open_idx ON custody_claim (claim_id DESC)
    WHERE state IN ('pending', 'in_review');
CREATE TRIGGER never_deleted BEFORE DELETE ON custody_claim
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON custody_claim
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
