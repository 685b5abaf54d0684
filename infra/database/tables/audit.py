"""The trail of what happened outside deliveries: append-only, chained per trail."""

from __future__ import annotations

from sqlalchemy import Index, Table, text

from infra.database.tables.columns import (
    byte_string,
    id_maybe,
    integer,
    metadata,
    moment,
    text_column,
    text_maybe,
)

audit_entry = Table(
    "audit_entry",
    metadata,
    text_column("trail", primary_key=True),
    integer("sequence", primary_key=True, autoincrement=False),
    text_maybe("key"),
    text_column("kind"),
    text_column("actor_role"),
    id_maybe("actor_id"),
    text_column("subject"),
    text_column("subject_id"),
    moment("at"),
    text_column("body"),
    byte_string("previous_hash"),
    byte_string("hash"),
    Index(
        "audit_entry_trail_key_key",
        "trail",
        "key",
        unique=True,
        postgresql_where=text("key IS NOT NULL"),
    ),
    Index("audit_entry_subject_id_idx", "subject_id", postgresql_where=text("subject_id <> ''")),
)
