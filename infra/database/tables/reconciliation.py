"""What the provider's statement said, what of it is matched, and the runs that looked."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from infra.database.tables.columns import (
    NOW,
    id_column,
    id_maybe,
    integer,
    metadata,
    minor,
    moment,
    text_column,
)

statement_line = Table(
    "statement_line",
    metadata,
    text_column("provider"),
    text_column("line_id"),
    text_column("kind"),
    text_column("source_id"),
    Column("related_ids", ARRAY(Text), nullable=False),
    minor("amount_minor"),
    minor("fee_minor"),
    text_column("currency"),
    Column("of_traveler", Boolean, nullable=False),
    text_column("operation_id"),
    id_maybe("noted_delivery_id"),
    id_maybe("delivery_id"),
    moment("created_at"),
    moment("available_on"),
    moment("read_at", server_default=NOW),
    moment("matched_at", nullable=True),
    PrimaryKeyConstraint("provider", "line_id"),
    Index("statement_line_delivery_id_idx", "delivery_id"),
    Index(
        "statement_line_open_idx",
        "provider",
        "line_id",
        postgresql_where=text("matched_at IS NULL"),
    ),
)

statement_match = Table(
    "statement_match",
    metadata,
    id_column("transaction_id", ForeignKey("ledger_transaction.transaction_id"), primary_key=True),
    text_column("provider"),
    text_column("movement"),
    text_column("line_id"),
    ForeignKeyConstraint(
        ["provider", "line_id"], ["statement_line.provider", "statement_line.line_id"]
    ),
)

reconciliation_run = Table(
    "reconciliation_run",
    metadata,
    text_column("run_id", primary_key=True),
    text_column("provider"),
    moment("started_at", server_default=NOW),
    moment("read_from"),
    moment("read_until"),
    integer("lines", server_default=text("0")),
    integer("new_lines", server_default=text("0")),
    integer("matched", nullable=True),
    integer("differences", nullable=True),
    moment("finished_at", nullable=True),
    Index("reconciliation_run_provider_idx", "provider", text("read_until DESC")),
)
