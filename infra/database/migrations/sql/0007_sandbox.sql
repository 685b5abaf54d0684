-- The sandbox learns to save payment methods. They are kept among the charges, without an amount:
-- they are asked for, approved, rejected and voided in the same ways.
ALTER TABLE sandbox_operation DROP CONSTRAINT sandbox_operation_kind_check;
ALTER TABLE sandbox_operation ADD CONSTRAINT sandbox_operation_kind_check CHECK (kind IN
    ('charge', 'authorise', 'save', 'capture', 'void', 'refund', 'transfer', 'reversal', 'payout'));
ALTER TABLE sandbox_charge DROP CONSTRAINT sandbox_charge_status_check;
ALTER TABLE sandbox_charge ADD CONSTRAINT sandbox_charge_status_check CHECK (status IN
    ('succeeded', 'held', 'saved', 'pending', 'requires_action', 'declined', 'canceled'));
ALTER TABLE sandbox_charge ADD CONSTRAINT sandbox_charge_saved_check
    CHECK (status <> 'saved' OR amount_minor = 0);
