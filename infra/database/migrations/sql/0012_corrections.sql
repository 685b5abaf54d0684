-- A provider may take back what had succeeded. What came undone stays in the log as what it was.
ALTER TABLE payment_operation DROP CONSTRAINT payment_operation_state_check;
ALTER TABLE payment_operation ADD CONSTRAINT payment_operation_state_check
    CHECK (state IN ('intent', 'sent', 'succeeded', 'failed', 'unknown', 'undone'));
-- A refund that is given although the held payment has gone to the traveler: somebody else bears it.
ALTER TABLE payment_operation ADD COLUMN beyond_held boolean NOT NULL DEFAULT false;
ALTER TABLE payment_operation ADD CONSTRAINT payment_operation_beyond_held_check
    CHECK (NOT beyond_held OR kind = 'refund');

-- Money that moves after the fact. What a correction moved is in the ledger, and what happened in the
-- delivery's chain of events.
CREATE TABLE correction (
    correction_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    kind text NOT NULL CHECK (kind IN ('goodwill_refund', 'compensation', 'tip', 'write_off',
        'dues_paid', 'refund_again', 'payout_again')),
    status text NOT NULL CHECK (status IN
        ('moving', 'unsettled', 'waiting', 'parked', 'done', 'declined', 'given_up')),
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    bearer text CHECK (bearer IN ('customer', 'traveler', 'platform')),
    debtor text CHECK (debtor IN ('customer', 'traveler')),
    -- What is to be taken back from the traveler's account for a refund that the traveler bears.
    reversal_minor bigint NOT NULL DEFAULT 0
        CHECK (reversal_minor >= 0 AND reversal_minor <= amount_minor),
    note text NOT NULL DEFAULT '',
    reference text NOT NULL DEFAULT '',
    -- What came undone, for what is given again: each operation is dealt with once.
    undone_operation_id text UNIQUE REFERENCES payment_operation,
    step text NOT NULL DEFAULT '',
    problem text NOT NULL DEFAULT '',
    deadline_kind text,
    deadline_at timestamptz,
    ordered_by_role text NOT NULL,
    ordered_by uuid,
    ordered_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    closed_at timestamptz,
    CHECK ((bearer IS NOT NULL) = (kind IN ('goodwill_refund', 'refund_again'))),
    CHECK ((debtor IS NOT NULL) = (kind IN ('write_off', 'dues_paid'))),
    CHECK ((undone_operation_id IS NOT NULL) = (kind IN ('refund_again', 'payout_again'))),
    CHECK ((closed_at IS NOT NULL) = (status IN ('done', 'declined', 'given_up'))),
    -- Whatever waits has a clock, and whatever is over has none.
    CHECK ((deadline_at IS NULL) = (closed_at IS NOT NULL)),
    CHECK ((deadline_at IS NULL) = (deadline_kind IS NULL))
);
CREATE INDEX correction_delivery_id_idx ON correction (delivery_id, correction_id DESC);
CREATE INDEX correction_open_idx ON correction (deadline_at) WHERE closed_at IS NULL;

CREATE TRIGGER never_deleted BEFORE DELETE ON correction
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON correction
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
