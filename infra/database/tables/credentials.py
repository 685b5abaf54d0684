"""What stands behind credentials that are no session: keys of programs, and acting for somebody."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

from infra.database.tables.columns import (
    NOW,
    id_column,
    metadata,
    moment,
    text_column,
)


def _token_hash() -> Column[bytes]:
    known = ForeignKey("access_token.token_hash")
    return Column("token_hash", LargeBinary, known, nullable=False, unique=True)


api_key = Table(
    "api_key",
    metadata,
    id_column("key_id", primary_key=True),
    _token_hash(),
    id_column("person_id", ForeignKey("person.person_id")),
    text_column("name"),
    text_column("prefix"),
    Column("scopes", ARRAY(Text), nullable=False),
    moment("expires_at", nullable=True),
    id_column("created_by", ForeignKey("person.person_id")),
    moment("created_at", server_default=NOW),
    moment("last_used_at", nullable=True),
    Index("api_key_person_id_idx", "person_id", text("key_id DESC")),
)

acting = Table(
    "acting",
    metadata,
    id_column("acting_id", primary_key=True),
    _token_hash(),
    id_column("actor_id", ForeignKey("person.person_id")),
    id_column("person_id", ForeignKey("person.person_id")),
    text_column("reason"),
    Column("actions", ARRAY(Text), nullable=False),
    Column("made_in", LargeBinary, nullable=True),
    Column("told", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    moment("created_at", server_default=NOW),
    Index("acting_actor_id_idx", "actor_id", text("acting_id DESC")),
)
