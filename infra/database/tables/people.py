"""People, their tokens and their requests."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from infra.database.tables.columns import (
    NOW,
    byte_string,
    id_column,
    id_maybe,
    integer,
    metadata,
    moment,
    text_column,
    text_maybe,
)

person = Table(
    "person",
    metadata,
    id_column("person_id", primary_key=True),
    text_column("display_name"),
    Column("roles", ARRAY(Text), nullable=False),
    text_maybe("email"),
    text_maybe("phone"),
    text_maybe("payout_account"),
    moment("created_at", server_default=NOW),
    Column("skills", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    text_maybe("email_lookup"),
    text_maybe("phone_lookup"),
    Index("person_agents_idx", "person_id", postgresql_where=text("'agent' = ANY (roles)")),
    Index(
        "person_payout_account_idx",
        "payout_account",
        postgresql_where=text("payout_account IS NOT NULL"),
    ),
    Index(
        "person_plain_idx",
        "person_id",
        postgresql_where=text(
            "display_name NOT LIKE 'enc1.%' OR email NOT LIKE 'enc1.%' OR phone NOT LIKE 'enc1.%'"
        ),
    ),
)

strike = Table(
    "strike",
    metadata,
    id_column("delivery_id", ForeignKey("delivery.delivery_id"), primary_key=True),
    integer("event_sequence", primary_key=True, autoincrement=False),
    id_column("person_id", ForeignKey("person.person_id")),
    text_column("reason"),
    moment("at"),
    Index("strike_person_id_idx", "person_id", "at"),
)

access_token = Table(
    "access_token",
    metadata,
    byte_string("token_hash", primary_key=True),
    id_column("person_id", ForeignKey("person.person_id"), index=True),
    moment("created_at", server_default=NOW),
    moment("expires_at"),
    moment("revoked_at", nullable=True),
    text_column("kind", server_default=text("'personal'")),
    id_maybe("session_id", ForeignKey("session.session_id")),
    Index(
        "access_token_session_id_key",
        "session_id",
        unique=True,
        postgresql_where=text("session_id IS NOT NULL"),
    ),
)

idempotent_request = Table(
    "idempotent_request",
    metadata,
    id_column("person_id", ForeignKey("person.person_id"), primary_key=True),
    text_column("key", primary_key=True),
    text_column("route"),
    byte_string("request_hash"),
    id_column("resource_id"),
    integer("status_code", nullable=True),
    Column("response", JSONB, nullable=True),
    moment("created_at", server_default=NOW),
    id_maybe("held_by"),
    moment("held_until", nullable=True),
    Index(None, "created_at", postgresql_using="brin"),
)
