-- How every chain stood at one moment, signed with a key that is not in the database. `body` is the
-- text that is hashed and signed; it names the hash of the root before it.
CREATE TABLE audit_root (
    sequence integer PRIMARY KEY CHECK (sequence > 0),
    at timestamptz NOT NULL,
    body text NOT NULL,
    hash bytea NOT NULL CHECK (length(hash) = 32),
    key_id text NOT NULL,
    signature bytea NOT NULL CHECK (length(signature) = 64)
);

-- The leaves of each root that differ from those of the root before it; a chain keeps its position.
CREATE TABLE audit_leaf (
    position bigint NOT NULL CHECK (position >= 0),
    root_sequence integer NOT NULL REFERENCES audit_root,
    chain text NOT NULL,
    length integer NOT NULL CHECK (length > 0),
    head bytea NOT NULL CHECK (length(head) = 32),
    PRIMARY KEY (position, root_sequence)
);
CREATE INDEX audit_leaf_chain_idx ON audit_leaf (chain, root_sequence DESC);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_root
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_root
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_leaf
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON audit_leaf
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
