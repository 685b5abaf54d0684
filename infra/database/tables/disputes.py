"""Disputes with what both sides said."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Table, text

from infra.database.tables.columns import (
    NOW,
    id_column,
    id_maybe,
    metadata,
    minor,
    moment,
    text_column,
    text_maybe,
)

dispute = Table(
    "dispute",
    metadata,
    id_column("dispute_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id"), index=True),
    text_column("opened_by_role"),
    id_maybe("opened_by"),
    text_column("reason"),
    text_column("status"),
    moment("opened_at"),
    text_maybe("outcome"),
    minor("refund_minor", nullable=True),
    minor("release_minor", nullable=True),
    text_maybe("note"),
    id_maybe("decided_by"),
    moment("decided_at", nullable=True),
    Index("dispute_status_idx", "status", text("dispute_id DESC")),
)

dispute_evidence = Table(
    "dispute_evidence",
    metadata,
    id_column("evidence_id", primary_key=True),
    id_column("dispute_id", ForeignKey("dispute.dispute_id")),
    id_column("author_id", ForeignKey("person.person_id")),
    text_column("kind"),
    text_column("description"),
    text_maybe("content_sha256"),
    moment("created_at", server_default=NOW),
    Index("dispute_evidence_dispute_id_idx", "dispute_id", "evidence_id"),
)

dispute_message = Table(
    "dispute_message",
    metadata,
    id_column("message_id", primary_key=True),
    id_column("dispute_id", ForeignKey("dispute.dispute_id")),
    id_column("author_id", ForeignKey("person.person_id")),
    text_column("text"),
    moment("created_at", server_default=NOW),
    Index("dispute_message_dispute_id_idx", "dispute_id", "message_id"),
)
