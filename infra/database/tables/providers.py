"""Accounts at other providers, and sign-ins that are under way there."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Table

from infra.database.tables.columns import (
    NOW,
    byte_string,
    id_column,
    id_maybe,
    metadata,
    moment,
    text_column,
)

linked_identity = Table(
    "linked_identity",
    metadata,
    id_column("identity_id", primary_key=True),
    text_column("issuer"),
    text_column("subject"),
    text_column("provider"),
    id_column("person_id", ForeignKey("person.person_id"), index=True),
    moment("linked_at", server_default=NOW),
    moment("last_used_at", nullable=True),
    Index("linked_identity_issuer_key", "issuer", "subject", unique=True),
)

provider_sign_in = Table(
    "provider_sign_in",
    metadata,
    byte_string("state_hash", primary_key=True),
    byte_string("browser_hash"),
    text_column("provider"),
    text_column("redirect_uri"),
    id_maybe("person_id", ForeignKey("person.person_id")),
    moment("expires_at", index=True),
)
