"""Disputes with what both sides said."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from infra.database.tables.columns import (
    NOW,
    byte_string,
    id_column,
    id_maybe,
    integer,
    metadata,
    minor,
    moment,
    text_column,
    text_maybe,
)

OPEN = text("status = 'open'")

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
    text_maybe("stage"),
    integer("version", server_default=text("1")),
    text_maybe("desired_outcome"),
    minor("desired_refund_minor", nullable=True),
    id_maybe("agent_id", ForeignKey("person.person_id")),
    id_maybe("first_agent_id", ForeignKey("person.person_id")),
    Column("absent", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    text_maybe("waiting_for"),
    text_column("question", server_default=text("''")),
    integer("questions", server_default=text("0")),
    Column("waived", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    text_maybe("appealed_by"),
    moment("weighed_at", nullable=True),
    Index("dispute_agent_id_idx", "agent_id", text("dispute_id DESC"), postgresql_where=OPEN),
    Index("dispute_status_idx", "status", text("dispute_id DESC")),
)

dispute_proposal = Table(
    "dispute_proposal",
    metadata,
    id_column("proposal_id", primary_key=True),
    id_column("dispute_id", ForeignKey("dispute.dispute_id")),
    text_column("made_by"),
    text_column("outcome"),
    minor("refund_minor", nullable=True),
    text_column("status"),
    moment("made_at"),
    Index("dispute_proposal_dispute_id_idx", "dispute_id", "proposal_id"),
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
    Index(
        "dispute_evidence_plain_idx",
        "evidence_id",
        postgresql_where=text("description NOT LIKE 'enc1.%' AND description <> 'erased'"),
    ),
)

dispute_file = Table(
    "dispute_file",
    metadata,
    id_column("evidence_id", ForeignKey("dispute_evidence.evidence_id"), primary_key=True),
    text_column("media_type"),
    byte_string("content"),
    text_column("sha256"),
    text_column("original_sha256"),
    integer("width"),
    integer("height"),
    moment("created_at", server_default=NOW),
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
    Index(
        "dispute_message_plain_idx",
        "message_id",
        postgresql_where=text("text NOT LIKE 'enc1.%' AND text <> 'erased'"),
    ),
)
