"""Chargebacks as people read them; what they moved is in the ledger."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Table, UniqueConstraint, text

from infra.database.tables.columns import (
    NOW,
    id_column,
    metadata,
    minor,
    moment,
    text_column,
    text_maybe,
)

_NOTHING = text("0")
_EMPTY = text("''")

chargeback = Table(
    "chargeback",
    metadata,
    id_column("chargeback_id", primary_key=True),
    text_column("provider"),
    text_column("dispute_id"),
    text_column("charge_operation_id"),
    id_column("delivery_id", ForeignKey("delivery.delivery_id"), index=True),
    text_column("status", server_default=text("'announced'")),
    text_column("reason", server_default=_EMPTY),
    minor("amount_minor", server_default=_NOTHING),
    minor("withdrawn_minor", server_default=_NOTHING),
    minor("fee_minor", server_default=_NOTHING),
    minor("taken_from_held_minor", server_default=_NOTHING),
    minor("recalled_minor", server_default=_NOTHING),
    text_column("currency"),
    moment("due_by", nullable=True),
    moment("evidence_staged_at", nullable=True),
    moment("evidence_submitted_at", nullable=True),
    text_maybe("evidence_sha256"),
    text_maybe("deadline_kind"),
    moment("deadline_at", nullable=True),
    text_maybe("attention"),
    moment("opened_at", server_default=NOW),
    moment("updated_at", server_default=NOW),
    moment("decided_at", nullable=True),
    UniqueConstraint("provider", "dispute_id"),
)
