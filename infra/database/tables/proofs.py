"""What proves handovers besides their codes."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table

from infra.database.tables.columns import (
    NOW,
    id_column,
    id_maybe,
    metadata,
    moment,
    text_column,
    text_maybe,
)

proof_item = Table(
    "proof_item",
    metadata,
    id_column("item_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    text_column("leg"),
    text_column("kind"),
    id_column("author_id", ForeignKey("person.person_id")),
    text_column("author_role"),
    id_maybe("subject_id", ForeignKey("person.person_id")),
    Column("counts", Boolean, nullable=False),
    text_column("detail"),
    Column("content", LargeBinary, nullable=True),
    text_maybe("sha256"),
    text_maybe("original_sha256"),
    Column("width", Integer, nullable=True),
    Column("height", Integer, nullable=True),
    moment("created_at", server_default=NOW),
    Column("after_sequence", Integer, nullable=True),
    Index("proof_item_delivery_id_idx", "delivery_id", "item_id"),
    Index("proof_item_author_id_idx", "author_id"),
)
