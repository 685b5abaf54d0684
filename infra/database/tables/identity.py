"""Accounts, sessions, and what proves who somebody is."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from infra.database.tables.columns import (
    NOW,
    byte_string,
    degrees,
    id_column,
    id_maybe,
    integer,
    metadata,
    moment,
    text_column,
    text_maybe,
)

account = Table(
    "account",
    metadata,
    id_column("person_id", ForeignKey("person.person_id"), primary_key=True),
    text_column("email_lookup"),
    text_maybe("password_hash"),
    moment("password_changed_at", server_default=NOW),
    moment("email_verified_at", nullable=True),
    moment("phone_verified_at", nullable=True),
    text_column("name_shown", server_default=text("'first'")),
    Column("shares_position", Boolean, nullable=False, server_default=text("true")),
    moment("created_at", server_default=NOW),
    moment("updated_at", server_default=NOW),
    Index("account_email_lookup_key", "email_lookup", unique=True),
)

saved_address = Table(
    "saved_address",
    metadata,
    id_column("person_id", ForeignKey("person.person_id"), primary_key=True),
    id_column("address_id", primary_key=True),
    text_column("label"),
    text_column("address"),
    degrees("latitude", nullable=True),
    degrees("longitude", nullable=True),
    moment("created_at", server_default=NOW),
    text_maybe("place"),
    Index("saved_address_plain_idx", "address_id", postgresql_where=text("place IS NULL")),
)

session = Table(
    "session",
    metadata,
    id_column("session_id", primary_key=True),
    id_column("person_id", ForeignKey("person.person_id")),
    text_column("device_name"),
    text_column("user_agent_family"),
    Column("authenticated_by", ARRAY(Text), nullable=False),
    moment("second_factor_at", nullable=True),
    moment("created_at", server_default=NOW),
    moment("last_seen_at", server_default=NOW),
    moment("expires_at"),
    moment("revoked_at", nullable=True),
    text_maybe("revoked_because"),
    Index("session_person_id_idx", "person_id", text("session_id DESC")),
)

refresh_token = Table(
    "refresh_token",
    metadata,
    byte_string("token_hash", primary_key=True),
    id_column("session_id", ForeignKey("session.session_id")),
    integer("sequence"),
    moment("created_at", server_default=NOW),
    moment("expires_at"),
    moment("spent_at", nullable=True),
    Index("refresh_token_session_id_key", "session_id", "sequence", unique=True),
)

pre_auth_token = Table(
    "pre_auth_token",
    metadata,
    byte_string("token_hash", primary_key=True),
    id_column("person_id", ForeignKey("person.person_id"), index=True),
    text_column("device_name"),
    text_column("user_agent_family"),
    Column("authenticated_by", ARRAY(Text), nullable=False),
    integer("failures", server_default=text("0")),
    moment("created_at", server_default=NOW),
    moment("expires_at"),
    moment("spent_at", nullable=True),
)

verification_code = Table(
    "verification_code",
    metadata,
    id_column("verification_id", primary_key=True),
    text_column("purpose"),
    id_maybe("person_id", ForeignKey("person.person_id")),
    text_column("address"),
    integer("failures", server_default=text("0")),
    integer("sendings", server_default=text("1")),
    moment("sent_at", server_default=NOW),
    moment("created_at", server_default=NOW),
    moment("expires_at"),
    moment("used_at", nullable=True),
    text_maybe("address_lookup"),
    Index(
        "verification_code_person_id_idx",
        "person_id",
        "purpose",
        postgresql_where=text("person_id IS NOT NULL"),
    ),
    Index("verification_code_expires_at_idx", "expires_at"),
)

registration = Table(
    "registration",
    metadata,
    id_column(
        "verification_id",
        ForeignKey("verification_code.verification_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    text_column("email_lookup"),
    text_column("display_name"),
    Column("roles", ARRAY(Text), nullable=False),
    text_column("password_hash"),
    id_column("person_id"),
)

throttle = Table(
    "throttle",
    metadata,
    byte_string("subject", primary_key=True),
    integer("count"),
    moment("counted_at", index=True, server_default=NOW),
    moment("blocked_until", nullable=True),
)
