-- The write-ahead log of what the payment provider is asked to do.
CREATE TABLE payment_operation (
    operation_id text PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    kind text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    fee_minor bigint NOT NULL DEFAULT 0 CHECK (fee_minor >= 0),
    currency text NOT NULL,
    method text NOT NULL,
    source_operation_id text NOT NULL,
    request_hash bytea NOT NULL,
    state text NOT NULL DEFAULT 'intent'
        CHECK (state IN ('intent', 'sent', 'succeeded', 'failed', 'unknown')),
    outcome text,
    detail text,
    provider_id text,
    first_sent_at timestamptz,
    finished_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX payment_operation_delivery_id_idx ON payment_operation (delivery_id);
CREATE INDEX payment_operation_open_idx ON payment_operation (created_at)
    WHERE state IN ('intent', 'sent', 'unknown');
-- One object at the provider settles one operation.
CREATE UNIQUE INDEX payment_operation_provider_id_key
    ON payment_operation (kind, provider_id) WHERE provider_id <> '';

-- Balances stand on the account's own side: a debit adds to an asset, a credit to all others.
CREATE TABLE ledger_account (
    account_id text PRIMARY KEY,
    kind text NOT NULL,
    owner text NOT NULL,
    currency text NOT NULL,
    normal_sign smallint NOT NULL CHECK (normal_sign IN (-1, 1)),
    balance_minor bigint NOT NULL DEFAULT 0 CHECK (balance_minor >= 0),
    UNIQUE (account_id, currency)
);

CREATE TABLE ledger_transaction (
    transaction_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    key text NOT NULL UNIQUE,
    request_hash bytea NOT NULL,
    kind text NOT NULL,
    delivery_id uuid NOT NULL REFERENCES delivery,
    created_at timestamptz NOT NULL DEFAULT now(),
    created_xid bigint NOT NULL DEFAULT pg_current_xact_id()::text::bigint
);
CREATE INDEX ledger_transaction_delivery_id_idx ON ledger_transaction (delivery_id);

CREATE TABLE ledger_entry (
    transaction_id uuid NOT NULL REFERENCES ledger_transaction,
    line smallint NOT NULL,
    account_id text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor <> 0),
    currency text NOT NULL,
    PRIMARY KEY (transaction_id, line),
    FOREIGN KEY (account_id, currency) REFERENCES ledger_account (account_id, currency)
);
CREATE INDEX ledger_entry_account_id_idx ON ledger_entry (account_id);
