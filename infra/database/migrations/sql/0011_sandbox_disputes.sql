-- The sandbox's card network: disputes of its charges. What they move stands on its statement.
CREATE TABLE sandbox_dispute (
    dispute_id text PRIMARY KEY,
    operation_id text NOT NULL REFERENCES sandbox_charge,
    status text NOT NULL CHECK (status IN
        ('inquiry', 'open', 'won', 'lost', 'closed_without_loss')),
    reason text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    taken_minor bigint NOT NULL DEFAULT 0 CHECK (taken_minor IN (0, amount_minor)),
    returned_minor bigint NOT NULL DEFAULT 0 CHECK (returned_minor IN (0, taken_minor)),
    fee_minor bigint NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),
    evidence jsonb NOT NULL DEFAULT '{}',
    submissions integer NOT NULL DEFAULT 0,
    due_by timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sandbox_dispute_operation_id_idx ON sandbox_dispute (operation_id);

ALTER TABLE sandbox_line DROP CONSTRAINT sandbox_line_kind_check;
ALTER TABLE sandbox_line ADD CONSTRAINT sandbox_line_kind_check CHECK (kind IN
    ('charge', 'refund', 'refund_failure', 'transfer', 'transfer_reversal', 'payout', 'chargeback',
     'chargeback_reversal', 'fee'));

CREATE FUNCTION sandbox_dispute_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO sandbox_line (operation_id, kind, source_id, amount_minor, currency, of_traveler)
    SELECT NEW.operation_id, moved.kind, NEW.dispute_id, moved.amount_minor, NEW.currency, false
    FROM (VALUES
        ('chargeback', OLD.taken_minor - NEW.taken_minor),
        ('chargeback_reversal', NEW.returned_minor - OLD.returned_minor),
        ('fee', OLD.fee_minor - NEW.fee_minor)
    ) AS moved (kind, amount_minor)
    WHERE moved.amount_minor <> 0;
    RETURN NULL;
END $$;
CREATE TRIGGER writes_line AFTER UPDATE ON sandbox_dispute FOR EACH ROW
    EXECUTE FUNCTION sandbox_dispute_line();
