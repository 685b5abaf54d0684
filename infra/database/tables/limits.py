"""The buckets of tokens by which requests and messages are counted."""

from __future__ import annotations

from sqlalchemy import Column, Double, Index, Table

from infra.database.tables.columns import integer, metadata, moment, text_column

rate_bucket = Table(
    "rate_bucket",
    metadata,
    text_column("key", primary_key=True),
    integer("burst"),
    Column("per_s", Double, nullable=False),
    Column("tokens", Double, nullable=False),
    integer("granted"),
    integer("given_back"),
    moment("filled_at"),
    Index(None, "filled_at", postgresql_using="brin"),
)
