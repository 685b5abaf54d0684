"""Devices with their keys, who holds the code of a handover, and who was there with a passkey."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, REAL

from infra.database.tables.columns import (
    NOW,
    byte_string,
    id_column,
    id_maybe,
    metadata,
    moment,
    text_column,
)

device = Table(
    "device",
    metadata,
    id_column("device_id", primary_key=True),
    id_maybe("person_id", ForeignKey("person.person_id")),
    text_column("algorithm"),
    byte_string("public_key"),
    text_column("name"),
    moment("activated_at", server_default=NOW),
    moment("last_seen_at", server_default=NOW),
    moment("revoked_at", nullable=True),
    Index("device_person_id_key", "person_id", "public_key", unique=True),
)

code_holding = Table(
    "code_holding",
    metadata,
    id_column("delivery_id", primary_key=True),
    text_column("purpose", primary_key=True),
    moment("issued_at"),
    id_maybe("device_id", ForeignKey("device.device_id")),
    byte_string("secret_nonce"),
    byte_string("asked_by"),
    moment("handed_at", nullable=True),
    Column("released", ARRAY(LargeBinary), nullable=False, server_default=text("'{}'")),
    Index("code_holding_device_id_idx", "device_id"),
    ForeignKeyConstraint(
        ["delivery_id", "purpose"], ["handover_code.delivery_id", "handover_code.purpose"]
    ),
)

presence = Table(
    "presence",
    metadata,
    id_column("delivery_id", ForeignKey("delivery.delivery_id"), primary_key=True),
    text_column("purpose", primary_key=True),
    id_column("person_id", ForeignKey("person.person_id"), primary_key=True, index=True),
    id_column("device_id", ForeignKey("device.device_id"), index=True),
    Column("latitude", Double, nullable=True),
    Column("longitude", Double, nullable=True),
    Column("accuracy_m", REAL, nullable=True),
    moment("taken_at"),
    Column("is_mocked", Boolean, nullable=False),
    Column("proof", JSONB, nullable=False),
    moment("verified_at", index=True),
)
