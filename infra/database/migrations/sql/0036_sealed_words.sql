-- What was said and shown in disputes is encrypted by worker and command line, which have the keys.
-- These tables refuse every change, so the owner's function below is the only one to do it: it puts
-- a ciphertext where there is none yet. Once everything is encrypted it changes nothing any more.
CREATE FUNCTION seal_written_words(of_row uuid, sealed text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF sealed NOT LIKE 'enc1.%' THEN
        RAISE EXCEPTION USING ERRCODE = 'SA001', MESSAGE = 'this is not encrypted';
    END IF;
    PERFORM set_config('sendalong.erasing', of_row::text, true);
    UPDATE dispute_message SET text = sealed
    WHERE message_id = of_row AND text NOT LIKE 'enc1.%' AND text <> 'erased';
    UPDATE dispute_evidence SET description = sealed
    WHERE evidence_id = of_row AND description NOT LIKE 'enc1.%' AND description <> 'erased';
    PERFORM set_config('sendalong.erasing', '', true);
END $$;

CREATE FUNCTION seal_shown_picture(of_row uuid, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF substr(sealed, 1, 5) <> 'enc1.'::bytea THEN
        RAISE EXCEPTION USING ERRCODE = 'SA001', MESSAGE = 'this is not encrypted';
    END IF;
    PERFORM set_config('sendalong.erasing', of_row::text, true);
    UPDATE dispute_file SET content = sealed
    WHERE evidence_id = of_row AND substr(content, 1, 5) <> 'enc1.'::bytea;
    PERFORM set_config('sendalong.erasing', '', true);
END $$;

CREATE INDEX dispute_message_plain_idx ON dispute_message (message_id)
    WHERE text NOT LIKE 'enc1.%' AND text <> 'erased';
CREATE INDEX dispute_evidence_plain_idx ON dispute_evidence (evidence_id)
    WHERE description NOT LIKE 'enc1.%' AND description <> 'erased';
