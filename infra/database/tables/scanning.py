"""Every scan that somebody tried."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, text
from sqlalchemy.dialects.postgresql import REAL

from infra.database.tables.columns import (
    NOW,
    id_column,
    id_maybe,
    metadata,
    moment,
    text_column,
)

scan_attempt = Table(
    "scan_attempt",
    metadata,
    id_column("attempt_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    text_column("purpose"),
    id_column("person_id", ForeignKey("person.person_id")),
    text_column("source", server_default=text("'online'")),
    text_column("level"),
    text_column("method"),
    text_column("outcome"),
    text_column("refusal", server_default=text("''")),
    Column("event_sequence", Integer, nullable=True),
    id_maybe("device_id"),
    Column("distance_m", Integer, nullable=True),
    Column("accuracy_m", REAL, nullable=True),
    Column("is_mocked", Boolean, nullable=False, server_default=text("false")),
    moment("attempted_at", server_default=NOW),
    moment("decided_at", nullable=True),
    Index("scan_attempt_delivery_id_idx", "delivery_id", "attempt_id"),
    Index("scan_attempt_person_id_idx", "person_id", "attempted_at"),
    Index("scan_attempt_attempted_at_idx", "attempted_at"),
)
