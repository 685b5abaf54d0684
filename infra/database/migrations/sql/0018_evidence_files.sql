-- Pictures that prove something in a dispute: written anew from their pixels, so that nothing hidden is
-- kept. They are in the database so that one backup holds a dispute whole.
CREATE TABLE dispute_file (
    evidence_id uuid PRIMARY KEY REFERENCES dispute_evidence,
    media_type text NOT NULL CHECK (media_type IN ('image/jpeg', 'image/png')),
    content bytea NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    -- Of the file as it was sent: whoever has it can prove that this is what they sent.
    original_sha256 text NOT NULL CHECK (original_sha256 ~ '^[0-9a-f]{64}$'),
    width integer NOT NULL CHECK (width > 0),
    height integer NOT NULL CHECK (height > 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
-- A picture is compressed already.
ALTER TABLE dispute_file ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON dispute_file
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON dispute_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
