-- A card network takes disputed funds whether or not they are there, and the books have to say so.
-- Every way out of the cash is bounded by a guarded account on the other side.
ALTER TABLE ledger_account DROP CONSTRAINT ledger_account_balance_minor_check;
ALTER TABLE ledger_account ADD CONSTRAINT ledger_account_balance_minor_check
    CHECK (balance_minor >= 0 OR kind = 'provider_cash');

-- Statements of a person and of a delivery begin at the accounts that are theirs.
CREATE INDEX ledger_account_owner_idx ON ledger_account (owner);

-- Pages of a statement go on behind a number; one number is one transaction for ever.
ALTER TABLE ledger_transaction
    ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    ADD COLUMN bearer text CHECK (bearer IN ('customer', 'traveler', 'platform'));

-- Every refund so far gave the customer's own held payment back. What was booked stays as it is.
ALTER TABLE ledger_transaction DISABLE TRIGGER append_only;
UPDATE ledger_transaction SET bearer = 'customer' WHERE kind = 'refund';
ALTER TABLE ledger_transaction ENABLE TRIGGER append_only;
ALTER TABLE ledger_transaction ADD CONSTRAINT ledger_transaction_names_bearer
    CHECK (bearer IS NOT NULL
        OR kind NOT IN ('refund', 'compensation', 'write_off', 'chargeback_lost'));
