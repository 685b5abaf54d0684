-- Chargebacks and inquiries as people read them; what they moved is in the ledger, and what happened
-- in the delivery's chain of events. One row for each dispute that a provider reports.
CREATE TABLE chargeback (
    chargeback_id uuid PRIMARY KEY,
    provider text NOT NULL,
    dispute_id text NOT NULL,
    charge_operation_id text NOT NULL,
    delivery_id uuid NOT NULL REFERENCES delivery,
    status text NOT NULL DEFAULT 'announced' CHECK (status IN
        ('announced', 'inquiry', 'open', 'won', 'lost', 'closed_without_loss')),
    reason text NOT NULL DEFAULT '',
    amount_minor bigint NOT NULL DEFAULT 0 CHECK (amount_minor >= 0),
    -- What the card network has taken and not given back; it may be more than the payment.
    withdrawn_minor bigint NOT NULL DEFAULT 0 CHECK (withdrawn_minor >= 0),
    fee_minor bigint NOT NULL DEFAULT 0,
    taken_from_held_minor bigint NOT NULL DEFAULT 0 CHECK (taken_from_held_minor >= 0),
    recalled_minor bigint NOT NULL DEFAULT 0 CHECK (recalled_minor >= 0),
    currency text NOT NULL,
    due_by timestamptz,
    evidence_staged_at timestamptz,
    evidence_submitted_at timestamptz,
    evidence_sha256 text,
    deadline_kind text,
    deadline_at timestamptz,
    attention text,
    opened_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    decided_at timestamptz,
    UNIQUE (provider, dispute_id),
    CHECK ((decided_at IS NOT NULL) = (status IN ('won', 'lost', 'closed_without_loss'))),
    CHECK (status NOT IN ('announced', 'inquiry') OR withdrawn_minor = 0)
);
CREATE INDEX chargeback_delivery_id_idx ON chargeback (delivery_id);

CREATE TRIGGER never_deleted BEFORE DELETE ON chargeback
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON chargeback
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
