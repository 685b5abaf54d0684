-- Disputes are a ladder: an answer, a negotiation, an agent, an appeal. Older ones have no stage.
ALTER TABLE dispute
    ADD COLUMN stage text CHECK (stage IN
        ('answer', 'negotiation', 'agent', 'appeal', 'review', 'closed')),
    -- Counts the steps: what people send may name the version that they have seen.
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD COLUMN desired_outcome text CHECK (desired_outcome IN ('release', 'refund', 'split')),
    ADD COLUMN desired_refund_minor bigint,
    ADD COLUMN agent_id uuid REFERENCES person,
    -- Who gave the verdict that was appealed: somebody else reviews it.
    ADD COLUMN first_agent_id uuid REFERENCES person,
    ADD COLUMN absent text[] NOT NULL DEFAULT '{}',
    ADD COLUMN waiting_for text CHECK (waiting_for IN ('customer', 'traveler')),
    ADD COLUMN question text NOT NULL DEFAULT '',
    ADD COLUMN waived text[] NOT NULL DEFAULT '{}',
    ADD COLUMN appealed_by text CHECK (appealed_by IN ('customer', 'traveler')),
    -- By the clock of the database, which dates evidence too: what came later is new in an appeal.
    ADD COLUMN weighed_at timestamptz,
    ADD CONSTRAINT dispute_reviewed_by_another_check CHECK (agent_id <> first_agent_id);
CREATE INDEX dispute_agent_id_idx ON dispute (agent_id, dispute_id DESC) WHERE status = 'open';

CREATE TABLE dispute_proposal (
    proposal_id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES dispute,
    made_by text NOT NULL CHECK (made_by IN ('customer', 'traveler')),
    outcome text NOT NULL CHECK (outcome IN ('release', 'refund', 'split')),
    refund_minor bigint CHECK (refund_minor > 0),
    status text NOT NULL CHECK (status IN ('open', 'accepted', 'withdrawn', 'superseded')),
    made_at timestamptz NOT NULL,
    CHECK ((refund_minor IS NOT NULL) = (outcome = 'split'))
);
CREATE INDEX dispute_proposal_dispute_id_idx ON dispute_proposal (dispute_id, proposal_id);

CREATE TRIGGER never_deleted BEFORE DELETE ON dispute_proposal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON dispute_proposal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What an agent knows well: reasons of disputes, and `appeals` for those who review verdicts.
ALTER TABLE person ADD COLUMN skills text[] NOT NULL DEFAULT '{}';
CREATE INDEX person_agents_idx ON person (person_id) WHERE 'agent' = ANY (roles);
