"""Money that moves after the fact, as people read it; what it moved is in the ledger."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, text

from infra.database.tables.columns import (
    id_column,
    id_maybe,
    metadata,
    minor,
    moment,
    text_column,
    text_maybe,
)

_EMPTY = text("''")

correction = Table(
    "correction",
    metadata,
    id_column("correction_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    text_column("kind"),
    text_column("status"),
    minor("amount_minor"),
    text_column("currency"),
    text_maybe("bearer"),
    text_maybe("debtor"),
    text_maybe("cost_reason"),
    minor("reversal_minor", server_default=text("0")),
    text_column("note", server_default=_EMPTY),
    text_column("reference", server_default=_EMPTY),
    Column(
        "undone_operation_id",
        Text,
        ForeignKey("payment_operation.operation_id"),
        nullable=True,
        unique=True,
    ),
    text_column("step", server_default=_EMPTY),
    text_column("problem", server_default=_EMPTY),
    text_maybe("deadline_kind"),
    moment("deadline_at", nullable=True),
    text_column("ordered_by_role"),
    id_maybe("ordered_by"),
    moment("ordered_at"),
    moment("updated_at"),
    moment("closed_at", nullable=True),
    Index("correction_delivery_id_idx", "delivery_id", text("correction_id DESC")),
    Index("correction_open_idx", "deadline_at", postgresql_where=text("closed_at IS NULL")),
)
