"""The keys of people, deliveries and workflows, wrapped."""

from __future__ import annotations

from sqlalchemy import Index, Table, UniqueConstraint, text

from infra.database.tables.columns import (
    NOW,
    byte_string,
    id_column,
    metadata,
    moment,
    text_column,
    text_maybe,
)

data_key = Table(
    "data_key",
    metadata,
    id_column("key_id", primary_key=True),
    text_column("owner_kind"),
    text_column("owner_id"),
    text_maybe("wrapped_by"),
    byte_string("wrapped", nullable=True),
    moment("created_at", server_default=NOW),
    moment("destroyed_at", nullable=True),
    UniqueConstraint("owner_kind", "owner_id"),
    Index("data_key_wrapped_by_idx", "wrapped_by", postgresql_where=text("wrapped IS NOT NULL")),
)
