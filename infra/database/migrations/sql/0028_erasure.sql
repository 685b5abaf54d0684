-- People who want everything about them erased; what it waits for is named by kind and id.
CREATE TABLE erasure_request (
    erasure_id uuid PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person,
    status text NOT NULL CHECK (status IN ('cooling_off', 'waiting', 'withdrawn', 'erased')),
    requested_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    waits_for jsonb NOT NULL DEFAULT '[]',
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX erasure_request_person_id_idx ON erasure_request (person_id, erasure_id DESC);
CREATE TRIGGER never_deleted BEFORE DELETE ON erasure_request
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What people wrote in disputes is kept as it is until its author is erased: then the words go and
-- the rows stay. Only the function below says so; the application may not change these tables.
CREATE FUNCTION refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('sendalong.erasing', true), '') <> '' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'SA001',
        MESSAGE = TG_TABLE_NAME || ' is append-only: ' || TG_OP || ' is refused';
END $$;

DROP TRIGGER append_only ON dispute_message;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON dispute_message
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();
DROP TRIGGER append_only ON dispute_evidence;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON dispute_evidence
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();
DROP TRIGGER append_only ON dispute_file;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON dispute_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change_but_erasure();

-- Acts for the owner, and only for people who asked for it and whose time to think is over.
CREATE FUNCTION erase_written_words(of_person uuid, instead text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM erasure_request
        WHERE person_id = of_person AND status IN ('cooling_off', 'waiting', 'erased')
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SA001', MESSAGE = 'this person asked for no erasure';
    END IF;
    PERFORM set_config('sendalong.erasing', of_person::text, true);
    UPDATE dispute_message SET text = instead WHERE author_id = of_person AND text <> instead;
    DELETE FROM dispute_file USING dispute_evidence
    WHERE dispute_file.evidence_id = dispute_evidence.evidence_id
        AND dispute_evidence.author_id = of_person;
    UPDATE dispute_evidence SET description = instead
    WHERE author_id = of_person AND description <> instead;
    PERFORM set_config('sendalong.erasing', '', true);
END $$;
