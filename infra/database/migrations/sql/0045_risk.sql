-- What was decided about the risk of deals and scans, and why. Reasons are codes of a closed list with
-- their points: they name nobody. Rows are written once and stay.
CREATE TABLE risk_decision (
    decision_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    -- Who asked for what was judged.
    person_id uuid NOT NULL REFERENCES person,
    occasion text NOT NULL
        CHECK (occasion IN ('deal', 'pickup', 'handover', 'return', 'relay')),
    -- The acceptance or the scan.
    request_id uuid NOT NULL,
    score integer NOT NULL CHECK (score BETWEEN 0 AND 100),
    outcome text NOT NULL CHECK (outcome IN ('allow', 'step_up', 'hold', 'refuse')),
    points jsonb NOT NULL,
    model text NOT NULL,
    -- Number of the delivery's latest event then: a hold that is lifted after it clears the decision.
    head_sequence integer NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX risk_decision_delivery_id_idx ON risk_decision (delivery_id, decision_id DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON risk_decision
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON risk_decision
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
