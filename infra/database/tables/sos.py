"""Calls for help of people who have a part in a delivery."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Table, text

from infra.database.tables.columns import (
    id_column,
    integer,
    metadata,
    moment,
    text_column,
    text_maybe,
)

sos_call = Table(
    "sos_call",
    metadata,
    id_column("sos_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    id_column("person_id", ForeignKey("person.person_id")),
    text_column("role"),
    text_maybe("note"),
    text_maybe("place"),
    integer("calls", server_default=text("1")),
    moment("called_at"),
    moment("last_called_at"),
    Index("sos_call_delivery_id_idx", "delivery_id", text("sos_id DESC")),
    Index("sos_call_person_id_idx", "person_id", text("sos_id DESC")),
)
