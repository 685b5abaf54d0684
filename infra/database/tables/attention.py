"""What people must look at."""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from infra.database.tables.columns import (
    NOW,
    id_column,
    id_maybe,
    metadata,
    moment,
    text_column,
    text_maybe,
)

attention_item = Table(
    "attention_item",
    metadata,
    id_column("item_id", primary_key=True),
    text_column("key", unique=True),
    text_column("kind"),
    id_maybe("delivery_id"),
    text_column("subject"),
    text_column("problem"),
    text_column("suggested_repair"),
    moment("raised_at", server_default=NOW),
    moment("last_seen_at", server_default=NOW),
    moment("settled_at", nullable=True),
    id_maybe("settled_by"),
    text_maybe("settlement"),
    Index(
        "attention_item_open_idx", text("item_id DESC"), postgresql_where=text("settled_at IS NULL")
    ),
    Index(
        "attention_item_delivery_id_idx",
        "delivery_id",
        text("item_id DESC"),
        postgresql_where=text("delivery_id IS NOT NULL"),
    ),
)
