-- What happened outside deliveries, for ever: append-only and chained per trail.
-- hash = sha256(previous_hash || sequence as eight bytes, big-endian || body as UTF-8);
-- the first previous_hash of a trail is sha256('trail:' || trail).
CREATE TABLE audit_entry (
    trail text NOT NULL,
    sequence integer NOT NULL CHECK (sequence > 0),
    key text,
    kind text NOT NULL,
    actor_role text NOT NULL,
    actor_id uuid,
    subject text NOT NULL,
    subject_id text NOT NULL,
    at timestamptz NOT NULL,
    body text NOT NULL CHECK (length(body) <= 100000),
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (trail, sequence)
);
CREATE UNIQUE INDEX audit_entry_trail_key_key ON audit_entry (trail, key) WHERE key IS NOT NULL;
CREATE INDEX audit_entry_subject_id_idx ON audit_entry (subject_id) WHERE subject_id <> '';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The only way to write an entry: the database itself chains it, one writer per trail at a time.
-- The lock is taken before the last entry is read, so that two writers never follow the same one.
CREATE FUNCTION append_audit_entry(to_trail text, entry text) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    said jsonb := entry::jsonb;
    place integer;
    previous bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit trail ' || to_trail, 0));
    SELECT sequence INTO place FROM audit_entry
    WHERE trail = to_trail AND key = said ->> 'key';
    IF FOUND THEN
        RETURN place;
    END IF;
    SELECT sequence, hash INTO place, previous FROM audit_entry
    WHERE trail = to_trail ORDER BY sequence DESC LIMIT 1;
    place := coalesce(place, 0) + 1;
    previous := coalesce(previous, sha256(convert_to('trail:' || to_trail, 'UTF8')));
    INSERT INTO audit_entry (
        trail, sequence, key, kind, actor_role, actor_id, subject, subject_id, at, body,
        previous_hash, hash
    ) VALUES (
        to_trail, place, said ->> 'key', said ->> 'kind', said #>> '{actor,role}',
        (said #>> '{actor,person_id}')::uuid, said #>> '{subject,kind}', said #>> '{subject,id}',
        (said ->> 'at')::timestamptz, entry, previous,
        sha256(previous || int8send(place) || convert_to(entry, 'UTF8'))
    );
    RETURN place;
END $$;
