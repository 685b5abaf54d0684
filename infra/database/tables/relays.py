"""Parcels that were handed on from one traveler to another, or were to be."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Table, text

from infra.database.tables.columns import id_column, integer, metadata, moment, text_column

relay = Table(
    "relay",
    metadata,
    id_column("relay_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    id_column("giver_id", ForeignKey("person.person_id")),
    id_column("taker_id", ForeignKey("person.person_id")),
    integer("share_points"),
    moment("deliver_by"),
    text_column("status"),
    text_column("because", server_default=text("''")),
    moment("asked_at"),
    moment("updated_at"),
    Index("relay_delivery_id_idx", "delivery_id", text("relay_id DESC")),
    Index("relay_taker_id_idx", "taker_id", text("relay_id DESC")),
    Index("relay_done_idx", "delivery_id", unique=True, postgresql_where=text("status = 'done'")),
)
