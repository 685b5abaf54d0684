"""What was asked for, where it stands and what happened."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB, REAL

from infra.database.tables.columns import (
    NOW,
    byte_string,
    degrees,
    id_column,
    id_maybe,
    integer,
    metadata,
    minor,
    moment,
    text_column,
    text_maybe,
)

parcel = Table(
    "parcel",
    metadata,
    id_column("delivery_id", primary_key=True),
    id_column("customer_id", ForeignKey("person.person_id")),
    id_column("sender_id", ForeignKey("person.person_id")),
    id_maybe("recipient_id", ForeignKey("person.person_id")),
    text_column("recipient_name"),
    text_maybe("recipient_phone"),
    text_maybe("recipient_email"),
    text_maybe("recipient_phone_lookup"),
    text_maybe("recipient_email_lookup"),
    text_column("description"),
    integer("weight_grams"),
    minor("declared_value_minor", nullable=True),
    text_column("currency"),
    text_column("pickup_address"),
    degrees("pickup_latitude"),
    degrees("pickup_longitude"),
    text_column("destination_address"),
    degrees("destination_latitude"),
    degrees("destination_longitude"),
    minor("suggested_price_minor"),
    moment("request_expires_at"),
    moment("pickup_by", nullable=True),
    moment("deliver_by", nullable=True),
    Column("policies", JSONB, nullable=False),
    text_maybe("undeliverable_action"),
    text_column("proof_level", server_default=text("'standard'")),
    text_column("asked_level", server_default=text("'standard'")),
    Column("reopens", Boolean, nullable=False, server_default=text("true")),
    Column("proof_terms", JSONB, nullable=False, server_default=text("'{}'")),
    text_maybe("label_digest"),
    moment("created_at", server_default=NOW),
    Index(
        "parcel_recipient_phone_lookup_idx",
        "recipient_phone_lookup",
        postgresql_where=text("recipient_phone_lookup IS NOT NULL"),
    ),
    Index(
        "parcel_recipient_email_lookup_idx",
        "recipient_email_lookup",
        postgresql_where=text("recipient_email_lookup IS NOT NULL"),
    ),
    Index(
        "parcel_unindexed_idx",
        "delivery_id",
        postgresql_where=text(
            "recipient_email IS NOT NULL AND recipient_email_lookup IS NULL"
            " OR recipient_phone IS NOT NULL AND recipient_phone_lookup IS NULL"
        ),
    ),
)

delivery = Table(
    "delivery",
    metadata,
    id_column("delivery_id", ForeignKey("parcel.delivery_id"), primary_key=True),
    id_column("customer_id"),
    id_column("sender_id"),
    id_maybe("recipient_id"),
    id_maybe("traveler_id"),
    text_column("status"),
    text_column("escrow"),
    text_column("dispute"),
    id_maybe("dispute_id"),
    text_column("currency"),
    minor("price_minor", nullable=True),
    text_maybe("deadline_kind"),
    moment("deadline_at", nullable=True),
    text_maybe("attention"),
    integer("head_sequence"),
    byte_string("head_hash"),
    moment("opened_at"),
    moment("updated_at"),
    moment("closed_at", nullable=True),
    Index("delivery_customer_id_idx", "customer_id", text("delivery_id DESC")),
    Index("delivery_sender_id_idx", "sender_id", text("delivery_id DESC")),
    Index(
        "delivery_recipient_id_idx",
        "recipient_id",
        text("delivery_id DESC"),
        postgresql_where=text("recipient_id IS NOT NULL"),
    ),
    Index(
        "delivery_traveler_id_idx",
        "traveler_id",
        text("delivery_id DESC"),
        postgresql_where=text("traveler_id IS NOT NULL"),
    ),
    Index("delivery_status_idx", "status", text("delivery_id DESC")),
    Index("delivery_attention_idx", "delivery_id", postgresql_where=text("attention IS NOT NULL")),
)

offer = Table(
    "offer",
    metadata,
    id_column("offer_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    id_column("traveler_id", ForeignKey("person.person_id")),
    text_column("status"),
    minor("price_minor"),
    text_column("currency"),
    text_column("proposed_by"),
    moment("created_at"),
    moment("updated_at"),
    integer("sequence", server_default=text("0")),
    Index("offer_delivery_id_idx", "delivery_id", "offer_id"),
    Index("offer_traveler_id_idx", "traveler_id", "delivery_id"),
)

event = Table(
    "event",
    metadata,
    id_column("delivery_id", ForeignKey("delivery.delivery_id"), primary_key=True),
    integer("sequence", primary_key=True, autoincrement=False),
    text_column("key"),
    text_column("kind"),
    text_column("actor_role"),
    id_maybe("actor_id"),
    moment("at"),
    text_column("body"),
    byte_string("previous_hash"),
    byte_string("hash"),
    UniqueConstraint("delivery_id", "key"),
)

handover_code = Table(
    "handover_code",
    metadata,
    id_column("delivery_id", ForeignKey("delivery.delivery_id"), primary_key=True),
    text_column("purpose", primary_key=True),
    byte_string("nonce"),
    text_column("code_digest"),
    text_column("pin_digest"),
    text_column("link_digest"),
    moment("valid_until"),
    integer("wrong_pins", server_default=text("0")),
    moment("issued_at"),
    moment("used_at", nullable=True),
    id_maybe("used_by"),
)

position = Table(
    "position",
    metadata,
    id_column("delivery_id", primary_key=True),
    moment("taken_at", primary_key=True),
    degrees("latitude"),
    degrees("longitude"),
    Column("accuracy_m", REAL, nullable=False),
    moment("received_at", server_default=NOW),
    Index("position_taken_at_idx", "taken_at", postgresql_using="brin"),
)
