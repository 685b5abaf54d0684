-- Emergency overrides. The words are encrypted with the key of the delivery; evidence is named by ids
-- and digests. A row is never deleted: who moved custody without a code is kept.
CREATE TABLE delivery_override (
    override_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    step text NOT NULL CHECK (step IN ('pickup', 'handover', 'return')),
    cause text NOT NULL,
    explanation text NOT NULL,
    reference text NOT NULL,
    witness text NOT NULL,
    evidence text[] NOT NULL CHECK (cardinality(evidence) > 0),
    status text NOT NULL CHECK (status IN (
        'asked', 'approved', 'applied', 'refused', 'withdrawn', 'expired', 'failed')),
    because text NOT NULL DEFAULT '',
    asked_by uuid NOT NULL REFERENCES person,
    asked_by_role text NOT NULL,
    decided_by uuid REFERENCES person,
    asked_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    decided_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- What was approved was approved by somebody else.
    CHECK (status NOT IN ('approved', 'applied') OR decided_by <> asked_by)
);
CREATE INDEX delivery_override_delivery_id_idx ON delivery_override (delivery_id, override_id DESC);
CREATE INDEX delivery_override_asked_by_idx ON delivery_override (asked_by);
CREATE INDEX delivery_override_decided_by_idx ON delivery_override (decided_by)
    WHERE decided_by IS NOT NULL;
CREATE TRIGGER never_deleted BEFORE DELETE ON delivery_override
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON delivery_override
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
