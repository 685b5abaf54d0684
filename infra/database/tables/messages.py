"""Messages to people."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from infra.database.tables.columns import (
    NOW,
    id_column,
    id_maybe,
    integer,
    metadata,
    moment,
    text_column,
    text_maybe,
)

notification = Table(
    "notification",
    metadata,
    id_column("notification_id", primary_key=True, server_default=text("gen_random_uuid()")),
    id_maybe("delivery_id", ForeignKey("delivery.delivery_id")),
    integer("event_sequence", nullable=True),
    text_column("audience"),
    id_maybe("person_id"),
    text_column("channel"),
    text_column("address"),
    text_column("kind"),
    Column("parameters", JSONB, nullable=False, server_default=text("'{}'")),
    text_column("state", server_default=text("'queued'")),
    integer("tries", server_default=text("0")),
    moment("due_at", server_default=NOW),
    text_maybe("provider_id"),
    text_maybe("error"),
    moment("created_at", server_default=NOW),
    moment("sent_at", nullable=True),
    id_maybe("verification_id"),
    text_maybe("address_owner"),
    text_maybe("address_lookup"),
    Index(
        "notification_person_id_key",
        "delivery_id",
        "event_sequence",
        "person_id",
        unique=True,
        postgresql_where=text("person_id IS NOT NULL"),
    ),
    Index(
        "notification_address_lookup_key",
        "delivery_id",
        "event_sequence",
        "address_lookup",
        unique=True,
        postgresql_where=text("address_lookup IS NOT NULL"),
    ),
    Index(
        "notification_plain_idx",
        "notification_id",
        postgresql_where=text("address <> '' AND address NOT LIKE 'enc1.%'"),
    ),
    Index("notification_delivery_id_idx", "delivery_id"),
    Index("notification_due_at_idx", "due_at", postgresql_where=text("state = 'queued'")),
    Index(
        "notification_sending_idx", "notification_id", postgresql_where=text("state = 'sending'")
    ),
)

stored_message = Table(
    "stored_message",
    metadata,
    id_column("message_id", primary_key=True),
    text_column("channel"),
    text_column("address"),
    text_column("subject"),
    text_column("body"),
    moment("stored_at", server_default=NOW),
    Index("stored_message_address_idx", "address", text("stored_at DESC")),
)
