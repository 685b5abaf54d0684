"""Scans without network: what phones took along, and what they claim to have scanned."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

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

offline_manifest = Table(
    "offline_manifest",
    metadata,
    id_column("manifest_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    id_column("person_id", ForeignKey("person.person_id")),
    id_column("device_id", ForeignKey("device.device_id")),
    text_column("level"),
    text_column("sha256"),
    moment("issued_at"),
    moment("valid_until"),
    Index("offline_manifest_delivery_id_idx", "delivery_id", "manifest_id"),
)

custody_claim = Table(
    "custody_claim",
    metadata,
    id_column("claim_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    id_column("person_id", ForeignKey("person.person_id")),
    id_column("device_id"),
    id_maybe("manifest_id"),
    text_maybe("purpose"),
    Column("counter", Integer, nullable=True),
    Column("is_chained", Boolean, nullable=False),
    text_column("claim"),
    text_column("sha256"),
    text_maybe("previous_sha256"),
    byte_string("signature"),
    moment("claimed_at", nullable=True),
    moment("sent_at"),
    moment("received_at", server_default=NOW),
    text_column("state", server_default=text("'pending'")),
    Column("reasons", ARRAY(TEXT), nullable=False, server_default=text("'{}'")),
    moment("review_by", nullable=True),
    Column("hold_sequence", Integer, nullable=True),
    id_maybe("decided_by", ForeignKey("person.person_id")),
    moment("decided_at", nullable=True),
    text_column("decision_note", server_default=text("''")),
    id_maybe("agreed_by", ForeignKey("person.person_id")),
    moment("agreed_at", nullable=True),
    moment("updated_at", server_default=NOW),
    Index(
        "custody_claim_counter_idx",
        "device_id",
        "counter",
        unique=True,
        postgresql_where=text("is_chained"),
    ),
    Index("custody_claim_sha256_idx", "person_id", "device_id", "sha256", "signature", unique=True),
    Index("custody_claim_delivery_id_idx", "delivery_id", "claim_id"),
    Index("custody_claim_person_id_idx", "person_id", text("claim_id DESC")),
    Index(
        "custody_claim_open_idx",
        text("claim_id DESC"),
        postgresql_where=text("state IN ('pending', 'in_review')"),
    ),
)
