-- What people must look at besides parked steps: ids and amounts, never a person's details. An item
-- is never deleted: it is settled, and opened again when what was wrong is found again.
CREATE TABLE attention_item (
    item_id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    kind text NOT NULL,
    delivery_id uuid,
    subject text NOT NULL,
    problem text NOT NULL,
    suggested_repair text NOT NULL,
    raised_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    -- A person; nobody where the platform found out by itself that there is nothing left to do.
    settled_by uuid,
    settlement text,
    CHECK ((settled_at IS NULL) = (settlement IS NULL)),
    CHECK (settled_by IS NULL OR settled_at IS NOT NULL)
);
CREATE INDEX attention_item_open_idx ON attention_item (item_id DESC) WHERE settled_at IS NULL;
CREATE INDEX attention_item_delivery_id_idx ON attention_item (delivery_id, item_id DESC)
    WHERE delivery_id IS NOT NULL;

CREATE TRIGGER never_deleted BEFORE DELETE ON attention_item
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON attention_item
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
