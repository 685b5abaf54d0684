-- What payment providers report: ids and kinds only. What an object holds, people's cards and names
-- with it, stays at the provider, and whoever acts on an event reads the object there.
CREATE TABLE webhook_event (
    provider text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    object_id text NOT NULL,
    operation_id text NOT NULL,
    charge_id text NOT NULL,
    account text NOT NULL,
    happened_at timestamptz NOT NULL,
    source text NOT NULL CHECK (source IN ('webhook', 'list')),
    received_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'told', 'seen', 'waiting', 'dead')),
    tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
    -- While somebody works on it, this is when somebody else may take it over.
    due_at timestamptz NOT NULL DEFAULT now(),
    note text,
    delivery_id uuid,
    settled_at timestamptz,
    PRIMARY KEY (provider, event_id),
    CHECK ((settled_at IS NULL) = (state = 'new'))
);
CREATE INDEX webhook_event_due_at_idx ON webhook_event (due_at) WHERE state = 'new';
CREATE INDEX webhook_event_kept_idx ON webhook_event (received_at)
    WHERE state IN ('waiting', 'dead');

-- Without the memory of what came in, the same event would be acted on twice.
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON webhook_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The last word on each object: the greatest of its events, whatever the order they came in.
CREATE TABLE provider_object (
    provider text NOT NULL,
    object_id text NOT NULL,
    kind text NOT NULL,
    stage smallint NOT NULL,
    name text NOT NULL,
    happened_at timestamptz NOT NULL,
    event_id text NOT NULL,
    operation_id text NOT NULL,
    delivery_id uuid,
    PRIMARY KEY (provider, object_id)
);

-- Up to when the provider's own list of events has been read.
CREATE TABLE webhook_cursor (
    provider text PRIMARY KEY,
    listed_until timestamptz NOT NULL,
    listed_at timestamptz NOT NULL DEFAULT now()
);

-- An event about an account names the account only.
CREATE INDEX person_payout_account_idx ON person (payout_account) WHERE payout_account IS NOT NULL;
