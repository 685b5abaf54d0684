-- The sandbox's statement: one line for each movement of a balance, written by the books themselves,
-- so that nothing moves without one.
CREATE TABLE sandbox_line (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    operation_id text NOT NULL REFERENCES sandbox_operation,
    kind text NOT NULL CHECK (kind IN
        ('charge', 'refund', 'refund_failure', 'transfer', 'transfer_reversal', 'payout')),
    source_id text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    currency text NOT NULL,
    of_traveler boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX sandbox_line_created_at_idx ON sandbox_line (created_at);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON sandbox_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION sandbox_write_line(moved sandbox_operation, line_kind text, change_minor bigint)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO sandbox_line (operation_id, kind, source_id, amount_minor, currency, of_traveler)
    VALUES (moved.operation_id, line_kind, moved.provider_id, change_minor, moved.currency,
        line_kind = 'payout');
$$;

-- A charge counts once it has succeeded. What was held before is charged by the capture that took it.
CREATE FUNCTION sandbox_charge_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved sandbox_operation;
BEGIN
    SELECT operation.* INTO moved FROM sandbox_operation AS operation
    WHERE operation.operation_id = NEW.operation_id
        OR operation.kind = 'capture' AND operation.charge_id = NEW.operation_id
    ORDER BY operation.kind = 'capture' DESC, operation.sequence DESC LIMIT 1;
    PERFORM sandbox_write_line(moved, 'charge', NEW.amount_minor);
    RETURN NULL;
END $$;
CREATE TRIGGER writes_line_at_once AFTER INSERT ON sandbox_charge FOR EACH ROW
    WHEN (NEW.status = 'succeeded' AND NEW.amount_minor > 0)
    EXECUTE FUNCTION sandbox_charge_line();
CREATE TRIGGER writes_line_later AFTER UPDATE OF status ON sandbox_charge FOR EACH ROW
    WHEN (NEW.status = 'succeeded' AND OLD.status <> 'succeeded' AND NEW.amount_minor > 0)
    EXECUTE FUNCTION sandbox_charge_line();

-- A refund leaves the balance when it is made, and comes back when the bank turns it down.
CREATE FUNCTION sandbox_refund_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved sandbox_operation;
BEGIN
    SELECT operation.* INTO moved FROM sandbox_operation AS operation
    WHERE operation.operation_id = NEW.operation_id;
    IF TG_OP = 'INSERT' THEN
        PERFORM sandbox_write_line(moved, 'refund', -moved.amount_minor);
    ELSE
        PERFORM sandbox_write_line(moved, 'refund_failure', moved.amount_minor);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER writes_line_at_once AFTER INSERT ON sandbox_refund FOR EACH ROW
    WHEN (NEW.status <> 'declined') EXECUTE FUNCTION sandbox_refund_line();
CREATE TRIGGER writes_line_later AFTER UPDATE OF status ON sandbox_refund FOR EACH ROW
    WHEN (NEW.status = 'declined' AND OLD.status <> 'declined')
    EXECUTE FUNCTION sandbox_refund_line();

-- Everything else moves as it is entered; a void moves once it turns out that it is a refund.
CREATE FUNCTION sandbox_operation_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM CASE NEW.kind
        WHEN 'transfer' THEN sandbox_write_line(NEW, 'transfer', -NEW.amount_minor)
        WHEN 'reversal' THEN sandbox_write_line(NEW, 'transfer_reversal', NEW.amount_minor)
        WHEN 'payout' THEN sandbox_write_line(NEW, 'payout', -NEW.amount_minor)
        WHEN 'void' THEN sandbox_write_line(NEW, 'refund', -NEW.amount_minor)
    END;
    RETURN NULL;
END $$;
CREATE TRIGGER writes_line_at_once AFTER INSERT ON sandbox_operation FOR EACH ROW
    WHEN (NEW.kind IN ('transfer', 'reversal', 'payout'))
    EXECUTE FUNCTION sandbox_operation_line();
CREATE TRIGGER writes_line_later AFTER UPDATE OF provider_id ON sandbox_operation FOR EACH ROW
    WHEN (NEW.kind = 'void' AND OLD.provider_id = '' AND NEW.provider_id <> '')
    EXECUTE FUNCTION sandbox_operation_line();

-- What moved before there was a statement.
INSERT INTO sandbox_line
    (operation_id, kind, source_id, amount_minor, currency, of_traveler, created_at)
SELECT moved.operation_id, moved.line_kind, moved.provider_id, moved.change_minor, moved.currency,
    moved.kind = 'payout', moved.created_at
FROM (
    SELECT operation.*, CASE operation.kind
            WHEN 'capture' THEN 'charge' WHEN 'void' THEN 'refund'
            WHEN 'reversal' THEN 'transfer_reversal' ELSE operation.kind
        END AS line_kind,
        CASE WHEN operation.kind IN ('charge', 'capture', 'reversal') THEN 1 ELSE -1 END
            * operation.amount_minor AS change_minor
    FROM sandbox_operation AS operation
    LEFT JOIN sandbox_charge AS charge USING (operation_id)
    LEFT JOIN sandbox_refund AS refund USING (operation_id)
    WHERE operation.provider_id <> '' AND operation.amount_minor > 0
        AND operation.kind NOT IN ('authorise', 'save')
        AND (operation.kind <> 'charge' OR charge.status = 'succeeded')
        AND (operation.kind <> 'capture' OR charge.status IS NULL)
        AND (operation.kind <> 'refund' OR refund.status <> 'declined')
) AS moved
ORDER BY moved.sequence;
