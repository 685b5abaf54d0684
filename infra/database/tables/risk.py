"""What was decided about the risk of deals and scans."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from infra.database.tables.columns import (
    NOW,
    id_column,
    integer,
    metadata,
    moment,
    text_column,
)

risk_decision = Table(
    "risk_decision",
    metadata,
    id_column("decision_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    id_column("person_id", ForeignKey("person.person_id")),
    text_column("occasion"),
    id_column("request_id"),
    integer("score"),
    text_column("outcome"),
    Column("points", JSONB, nullable=False),
    text_column("model"),
    integer("head_sequence"),
    moment("decided_at", server_default=NOW),
    Index("risk_decision_delivery_id_idx", "delivery_id", text("decision_id DESC")),
)
