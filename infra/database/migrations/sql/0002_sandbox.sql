-- The books of the sandbox payment provider. They are another company's: no key leads in or out.

-- Every operation that was ever answered, as it was asked. A charge that was voided before anybody
-- asked for it has an empty request_hash, and a void that moved no money an empty provider_id.
CREATE TABLE sandbox_operation (
    operation_id text PRIMARY KEY,
    sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL CHECK (kind IN ('charge', 'void', 'refund', 'transfer', 'payout')),
    request_hash text NOT NULL,
    charge_id text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency text NOT NULL,
    provider_id text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX sandbox_operation_provider_id_key
    ON sandbox_operation (provider_id) WHERE provider_id <> '';

-- Charges and what has left them. The platform has no other money here: whatever is refunded or
-- transferred comes out of a charge, and never more than the charge brought in.
CREATE TABLE sandbox_charge (
    operation_id text PRIMARY KEY REFERENCES sandbox_operation,
    method text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0),
    currency text NOT NULL,
    status text NOT NULL
        CHECK (status IN ('succeeded', 'pending', 'requires_action', 'declined', 'canceled')),
    detail text NOT NULL,
    refunded_minor bigint NOT NULL DEFAULT 0 CHECK (refunded_minor >= 0),
    transferred_minor bigint NOT NULL DEFAULT 0 CHECK (transferred_minor >= 0),
    CHECK (refunded_minor + transferred_minor <= amount_minor),
    CHECK (status = 'succeeded' OR refunded_minor + transferred_minor = 0)
);

-- What travelers have here, not yet paid out to their banks.
CREATE TABLE sandbox_account (
    account text NOT NULL,
    currency text NOT NULL,
    balance_minor bigint NOT NULL CHECK (balance_minor >= 0),
    PRIMARY KEY (account, currency)
);

-- How often an operation was answered with "try later".
CREATE TABLE sandbox_attempt (
    operation_id text PRIMARY KEY,
    tries integer NOT NULL
);
