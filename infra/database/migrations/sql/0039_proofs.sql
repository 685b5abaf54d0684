-- Other proofs than codes: pictures, signatures, checks of documents and labels. What they say and show is
-- encrypted with the key of whoever added them; they are never changed, and go when somebody is erased.
ALTER TABLE parcel
    ADD proof_terms jsonb NOT NULL DEFAULT '{}',
    -- Keyed digest of what the parcel's own label says.
    ADD label_digest text CHECK (label_digest ~ '^[0-9a-f]{64}$');

CREATE TABLE proof_item (
    item_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    leg text NOT NULL CHECK (leg IN ('pickup', 'handover', 'return', 'relay')),
    kind text NOT NULL CHECK (
        kind IN ('photo', 'signature', 'id_check', 'label_barcode', 'safe_place_photo')),
    author_id uuid NOT NULL REFERENCES person,
    author_role text NOT NULL,
    -- Whose signature or document it is, where that is known: it goes with them.
    subject_id uuid REFERENCES person,
    -- Whether it is one that a leg needs; others are kept all the same.
    counts boolean NOT NULL,
    detail text NOT NULL,
    content bytea,
    sha256 text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    -- Of the file as it was sent: whoever has it can prove that this is what they sent.
    original_sha256 text CHECK (original_sha256 ~ '^[0-9a-f]{64}$'),
    width integer CHECK (width > 0),
    height integer CHECK (height > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nulls(content, sha256, width, height) IN (0, 4))
);
-- A picture is compressed already.
ALTER TABLE proof_item ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX proof_item_delivery_id_idx ON proof_item (delivery_id, item_id);
CREATE INDEX proof_item_author_id_idx ON proof_item (author_id);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON proof_item
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON proof_item
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What a person added goes with them, and what others added that is about them: their hand and their
-- document. Who is named as a recipient without an account is known by their deliveries.
CREATE FUNCTION erase_proofs(of_person uuid, named_in uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM erasure_request
        WHERE person_id = of_person AND status IN ('cooling_off', 'waiting', 'erased')
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SA001', MESSAGE = 'this person asked for no erasure';
    END IF;
    PERFORM set_config('sendalong.erasing', of_person::text, true);
    DELETE FROM proof_item
    WHERE of_person IN (author_id, subject_id)
        OR (delivery_id = ANY (named_in) AND subject_id IS NULL
            AND kind IN ('signature', 'id_check'));
    PERFORM set_config('sendalong.erasing', '', true);
END $$;
