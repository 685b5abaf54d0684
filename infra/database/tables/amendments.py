"""Addresses and recipients that staff have prepared, until an event takes them over."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from infra.database.tables.columns import NOW, id_column, id_maybe, metadata, moment, text_column

amendment = Table(
    "amendment",
    metadata,
    id_column("amendment_id", primary_key=True),
    id_column("delivery_id", ForeignKey("parcel.delivery_id")),
    text_column("kind"),
    Column("value", JSONB, nullable=False),
    Column("previous", JSONB, nullable=True),
    id_column("prepared_by", ForeignKey("person.person_id")),
    moment("prepared_at", server_default=NOW),
    moment("applied_at", nullable=True),
    id_maybe("approved_by", ForeignKey("person.person_id")),
    moment("approved_at", nullable=True),
    Index("amendment_delivery_id_idx", "delivery_id", text("amendment_id DESC")),
)
