-- The sandbox learns to hold money before it takes it, and to take transferred money back.
ALTER TABLE sandbox_operation DROP CONSTRAINT sandbox_operation_kind_check;
ALTER TABLE sandbox_operation ADD CONSTRAINT sandbox_operation_kind_check CHECK (kind IN
    ('charge', 'authorise', 'capture', 'void', 'refund', 'transfer', 'reversal', 'payout'));

-- A refund may come after the transfer that it is taken back for: what keeps the two of them within
-- one charge is the platform's own record, here as at every other provider.
ALTER TABLE sandbox_charge ADD COLUMN held_until timestamptz;
ALTER TABLE sandbox_charge DROP CONSTRAINT sandbox_charge_check;
ALTER TABLE sandbox_charge DROP CONSTRAINT sandbox_charge_status_check;
ALTER TABLE sandbox_charge ADD CONSTRAINT sandbox_charge_status_check CHECK (status IN
    ('succeeded', 'held', 'pending', 'requires_action', 'declined', 'canceled'));
ALTER TABLE sandbox_charge ADD CONSTRAINT sandbox_charge_refunded_check
    CHECK (refunded_minor <= amount_minor);
ALTER TABLE sandbox_charge ADD CONSTRAINT sandbox_charge_transferred_check
    CHECK (transferred_minor <= amount_minor);

-- How each refund stands: a bank may take its time, or turn it down even after it arrived.
CREATE TABLE sandbox_refund (
    operation_id text PRIMARY KEY REFERENCES sandbox_operation,
    status text NOT NULL CHECK (status IN ('succeeded', 'pending', 'declined')),
    detail text NOT NULL
);
INSERT INTO sandbox_refund (operation_id, status, detail)
    SELECT operation_id, 'succeeded', '' FROM sandbox_operation
    WHERE kind = 'refund';

-- What was sent where, and how much of it was taken back.
CREATE TABLE sandbox_transfer (
    operation_id text PRIMARY KEY REFERENCES sandbox_operation,
    account text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    reversed_minor bigint NOT NULL DEFAULT 0
        CHECK (reversed_minor >= 0 AND reversed_minor <= amount_minor)
);
