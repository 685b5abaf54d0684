-- An operation is asked for in attempts: each has a key of its own, which every try of it repeats.
-- The next one begins only when the key of the one before can have no further effect.
ALTER TABLE payment_operation
    ADD COLUMN attempt integer NOT NULL DEFAULT 1 CHECK (attempt >= 1),
    ADD COLUMN attempt_sent_at timestamptz;
UPDATE payment_operation SET attempt_sent_at = first_sent_at;

-- Every attempt there ever was, and why it was left.
CREATE TABLE payment_attempt (
    operation_id text NOT NULL REFERENCES payment_operation,
    attempt integer NOT NULL CHECK (attempt >= 1),
    key text NOT NULL UNIQUE,
    first_sent_at timestamptz NOT NULL,
    provider_id text,
    left_at timestamptz,
    left_because text,
    PRIMARY KEY (operation_id, attempt),
    CHECK ((left_at IS NULL) = (left_because IS NULL))
);
INSERT INTO payment_attempt (operation_id, attempt, key, first_sent_at)
    SELECT operation_id, 1, operation_id, first_sent_at FROM payment_operation
    WHERE first_sent_at IS NOT NULL;

CREATE TRIGGER never_deleted BEFORE DELETE ON payment_attempt
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON payment_attempt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
