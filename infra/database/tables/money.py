"""Payment operations and the double-entry ledger."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from infra.database.tables.columns import (
    NOW,
    byte_string,
    id_column,
    integer,
    metadata,
    minor,
    moment,
    text_column,
    text_maybe,
)

payment_operation = Table(
    "payment_operation",
    metadata,
    text_column("operation_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id"), index=True),
    text_column("kind"),
    minor("amount_minor"),
    minor("fee_minor", server_default=text("0")),
    text_column("currency"),
    text_column("method"),
    text_column("source_operation_id"),
    byte_string("request_hash"),
    text_column("state", server_default=text("'intent'")),
    text_maybe("outcome"),
    text_maybe("detail"),
    text_maybe("provider_id"),
    moment("first_sent_at", nullable=True),
    moment("finished_at", nullable=True),
    moment("created_at"),
    integer("attempt", server_default=text("1")),
    moment("attempt_sent_at", nullable=True),
    Column("beyond_held", Boolean, nullable=False, server_default=text("false")),
    Index(
        "payment_operation_open_idx",
        "created_at",
        postgresql_where=text("state IN ('intent', 'sent', 'unknown')"),
    ),
    Index(
        "payment_operation_provider_id_key",
        "provider_id",
        unique=True,
        postgresql_where=text("provider_id <> ''"),
    ),
)

payment_attempt = Table(
    "payment_attempt",
    metadata,
    Column("operation_id", Text, ForeignKey("payment_operation.operation_id"), primary_key=True),
    integer("attempt", primary_key=True, autoincrement=False),
    text_column("key", unique=True),
    moment("first_sent_at"),
    text_maybe("provider_id"),
    moment("left_at", nullable=True),
    text_maybe("left_because"),
)

ledger_account = Table(
    "ledger_account",
    metadata,
    text_column("account_id", primary_key=True),
    text_column("kind"),
    text_column("owner", index=True),
    text_column("currency"),
    Column("normal_sign", SmallInteger, nullable=False),
    minor("balance_minor", server_default=text("0")),
    UniqueConstraint("account_id", "currency"),
)

ledger_transaction = Table(
    "ledger_transaction",
    metadata,
    id_column("transaction_id", primary_key=True, server_default=text("gen_random_uuid()")),
    text_column("key", unique=True),
    byte_string("request_hash"),
    text_column("kind"),
    id_column("delivery_id", ForeignKey("delivery.delivery_id"), index=True),
    moment("created_at", server_default=NOW),
    minor("created_xid", server_default=text("pg_current_xact_id()::text::bigint")),
    Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
    text_maybe("bearer"),
)

ledger_entry = Table(
    "ledger_entry",
    metadata,
    id_column("transaction_id", ForeignKey("ledger_transaction.transaction_id"), primary_key=True),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),
    text_column("account_id", index=True),
    minor("amount_minor"),
    text_column("currency"),
    ForeignKeyConstraint(
        ["account_id", "currency"], ["ledger_account.account_id", "ledger_account.currency"]
    ),
)
