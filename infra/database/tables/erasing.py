"""Requests of people to have everything about them erased."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from infra.database.tables.columns import NOW, id_column, metadata, moment, text_column

erasure_request = Table(
    "erasure_request",
    metadata,
    id_column("erasure_id", primary_key=True),
    id_column("person_id", ForeignKey("person.person_id")),
    text_column("status"),
    moment("requested_at"),
    moment("due_at"),
    Column("waits_for", JSONB, nullable=False, server_default=text("'[]'")),
    moment("updated_at", server_default=NOW),
    Index("erasure_request_person_id_idx", "person_id", text("erasure_id DESC")),
)
