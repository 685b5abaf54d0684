"""Events of payment providers: what came in, and what it amounts to."""

from __future__ import annotations

from sqlalchemy import Column, Index, PrimaryKeyConstraint, SmallInteger, Table, text

from infra.database.tables.columns import (
    NOW,
    id_maybe,
    integer,
    metadata,
    moment,
    text_column,
    text_maybe,
)

webhook_event = Table(
    "webhook_event",
    metadata,
    text_column("provider"),
    text_column("event_id"),
    text_column("kind"),
    text_column("name"),
    text_column("object_id"),
    text_column("operation_id"),
    text_column("charge_id"),
    text_column("account"),
    moment("happened_at"),
    text_column("source"),
    moment("received_at", server_default=NOW),
    text_column("state", server_default=text("'new'")),
    integer("tries", server_default=text("0")),
    moment("due_at", server_default=NOW),
    text_maybe("note"),
    id_maybe("delivery_id"),
    moment("settled_at", nullable=True),
    PrimaryKeyConstraint("provider", "event_id"),
    Index("webhook_event_due_at_idx", "due_at", postgresql_where=text("state = 'new'")),
    Index(
        "webhook_event_kept_idx",
        "received_at",
        postgresql_where=text("state IN ('waiting', 'dead')"),
    ),
)

provider_object = Table(
    "provider_object",
    metadata,
    text_column("provider"),
    text_column("object_id"),
    text_column("kind"),
    Column("stage", SmallInteger, nullable=False),
    text_column("name"),
    moment("happened_at"),
    text_column("event_id"),
    text_column("operation_id"),
    id_maybe("delivery_id"),
    PrimaryKeyConstraint("provider", "object_id"),
)

webhook_cursor = Table(
    "webhook_cursor",
    metadata,
    text_column("provider", primary_key=True),
    moment("listed_until"),
    moment("listed_at", server_default=NOW),
)
