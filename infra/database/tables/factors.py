"""Second factors, what they answer, and accounts at other providers that sign people in."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from infra.database.tables.columns import (
    NOW,
    byte_string,
    id_column,
    id_maybe,
    metadata,
    moment,
    text_column,
    text_maybe,
)

totp_factor = Table(
    "totp_factor",
    metadata,
    id_column("person_id", ForeignKey("person.person_id"), primary_key=True),
    text_maybe("secret"),
    text_maybe("pending_secret"),
    moment("pending_until", nullable=True),
    byte_string("pending_in", nullable=True),
    Column("last_step", BigInteger, nullable=False, server_default=text("0")),
    moment("confirmed_at", nullable=True),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    id_column("person_id", ForeignKey("person.person_id"), primary_key=True),
    byte_string("code_hash", primary_key=True),
    moment("created_at", server_default=NOW),
    moment("used_at", nullable=True),
)

factor_tries = Table(
    "factor_tries",
    metadata,
    id_column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("failures", BigInteger, nullable=False),
    moment("blocked_until"),
)

passkey = Table(
    "passkey",
    metadata,
    id_column("passkey_id", primary_key=True),
    id_column("person_id", ForeignKey("person.person_id"), index=True),
    byte_string("credential_id"),
    byte_string("public_key"),
    Column("sign_count", BigInteger, nullable=False),
    text_column("name"),
    Column("transports", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("backed_up", Boolean, nullable=False),
    moment("created_at", server_default=NOW),
    moment("last_used_at", nullable=True),
    moment("copied_at", nullable=True),
    Index("passkey_credential_id_key", "credential_id", unique=True),
)

passkey_challenge = Table(
    "passkey_challenge",
    metadata,
    byte_string("challenge_hash", primary_key=True),
    text_column("purpose"),
    id_maybe("person_id", ForeignKey("person.person_id")),
    byte_string("bound_to", nullable=True),
    moment("expires_at", index=True),
)

step_up = Table(
    "step_up",
    metadata,
    id_column("step_up_id", primary_key=True),
    id_column("person_id", ForeignKey("person.person_id"), index=True),
    byte_string("token_hash"),
    byte_string("fingerprint"),
    text_column("method"),
    text_column("path"),
    moment("created_at", server_default=NOW),
    moment("expires_at"),
    byte_string("grant_hash", nullable=True),
    text_maybe("answered_by"),
    Column("proof", JSONB, nullable=True),
    moment("used_at", nullable=True),
    text_maybe("used_key"),
    Index("step_up_grant_hash_key", "grant_hash", unique=True),
)
