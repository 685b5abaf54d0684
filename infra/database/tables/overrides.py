"""Emergency overrides: what two people of staff decided without a code."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from infra.database.tables.columns import (
    NOW,
    id_column,
    id_maybe,
    metadata,
    moment,
    text_column,
)

override_approval = Table(
    "override_approval",
    metadata,
    id_column("approval_id", primary_key=True),
    id_column("override_id", index=True),
    id_column("person_id", ForeignKey("person.person_id"), index=True),
    text_column("role"),
    text_column("credential"),
    id_maybe("session_id"),
    id_maybe("step_up_id"),
    moment("approved_at", server_default=NOW),
    UniqueConstraint("approval_id", "override_id", "person_id"),
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
    id_maybe("approval_id"),
    ForeignKeyConstraint(
        ["approval_id", "override_id", "decided_by"],
        [f"override_approval.{name}" for name in ("approval_id", "override_id", "person_id")],
    ),
    Index("delivery_override_delivery_id_idx", "delivery_id", text("override_id DESC")),
    Index("delivery_override_asked_by_idx", "asked_by"),
    Index(
        "delivery_override_decided_by_idx",
        "decided_by",
        postgresql_where=text("decided_by IS NOT NULL"),
    ),
)
