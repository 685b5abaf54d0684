-- Who has approved an emergency override, and how they had shown who they are. Written by the API once
-- the person has approved that very request; a workflow can refer to a row, and makes none.
CREATE TABLE override_approval (
    approval_id uuid PRIMARY KEY,
    override_id uuid NOT NULL,
    person_id uuid NOT NULL REFERENCES person,
    role text NOT NULL CHECK (role IN ('agent', 'operator')),
    credential text NOT NULL,
    -- Sessions and approvals of requests go with their person; which ones they were stays known.
    session_id uuid,
    step_up_id uuid,
    approved_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (approval_id, override_id, person_id),
    -- Nobody approves by a session alone, which may have been found open.
    CHECK (credential <> 'session' OR step_up_id IS NOT NULL)
);
CREATE INDEX override_approval_override_id_idx ON override_approval (override_id);
CREATE INDEX override_approval_person_id_idx ON override_approval (person_id);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON override_approval
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON override_approval
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What was approved names its approval: one of that very override, by whoever decided it.
ALTER TABLE delivery_override ADD COLUMN approval_id uuid,
    ADD FOREIGN KEY (approval_id, override_id, decided_by)
        REFERENCES override_approval (approval_id, override_id, person_id);
