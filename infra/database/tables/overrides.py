"""Emergency overrides: what two people of staff decided without a code."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from infra.database.tables.columns import (
    NOW,
    id_column,
    id_maybe,
    metadata,
    moment,
    text_column,
)

delivery_override = Table(
    "delivery_override",
    metadata,
    id_column("override_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    text_column("step"),
    text_column("cause"),
    text_column("explanation"),
    text_column("reference"),
    text_column("witness"),
    Column("evidence", ARRAY(Text), nullable=False),
    text_column("status"),
    text_column("because", server_default=text("''")),
    id_column("asked_by", ForeignKey("person.person_id")),
    text_column("asked_by_role"),
    id_maybe("decided_by", ForeignKey("person.person_id")),
    moment("asked_at"),
    moment("due_at"),
    moment("decided_at", nullable=True),
    moment("updated_at", server_default=NOW),
    Index("delivery_override_delivery_id_idx", "delivery_id", text("override_id DESC")),
    Index("delivery_override_asked_by_idx", "asked_by"),
    Index(
        "delivery_override_decided_by_idx",
        "decided_by",
        postgresql_where=text("decided_by IS NOT NULL"),
    ),
)
