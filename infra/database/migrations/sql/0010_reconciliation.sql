-- What the provider's statement said: ids and amounts. It is read again and again, and never changed.
CREATE TABLE statement_line (
    provider text NOT NULL,
    line_id text NOT NULL,
    kind text NOT NULL,
    source_id text NOT NULL,
    related_ids text[] NOT NULL,
    amount_minor bigint NOT NULL,
    fee_minor bigint NOT NULL,
    currency text NOT NULL,
    of_traveler boolean NOT NULL,
    operation_id text NOT NULL,
    -- What the provider has noted, and what was found out by that and by the ids.
    noted_delivery_id uuid,
    delivery_id uuid,
    created_at timestamptz NOT NULL,
    available_on timestamptz NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    -- When everything that the line moved was found in the ledger.
    matched_at timestamptz,
    PRIMARY KEY (provider, line_id)
);
CREATE INDEX statement_line_delivery_id_idx ON statement_line (delivery_id);
CREATE INDEX statement_line_open_idx ON statement_line (provider, line_id)
    WHERE matched_at IS NULL;
CREATE TRIGGER never_deleted BEFORE DELETE ON statement_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON statement_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Which movement accounts for which booking. A booking has one; one reversal may pay several debts.
CREATE TABLE statement_match (
    transaction_id uuid PRIMARY KEY REFERENCES ledger_transaction,
    provider text NOT NULL,
    movement text NOT NULL,
    line_id text NOT NULL,
    FOREIGN KEY (provider, line_id) REFERENCES statement_line (provider, line_id)
);

-- The runs, and up to when each has read the statement: the next one goes on from there.
CREATE TABLE reconciliation_run (
    run_id text PRIMARY KEY,
    provider text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    read_from timestamptz NOT NULL,
    read_until timestamptz NOT NULL,
    lines integer NOT NULL DEFAULT 0,
    new_lines integer NOT NULL DEFAULT 0,
    matched integer,
    differences integer,
    finished_at timestamptz,
    CHECK ((finished_at IS NULL) = (differences IS NULL))
);
CREATE INDEX reconciliation_run_provider_idx ON reconciliation_run (provider, read_until DESC);
