"""What the sides of a delivery say about each other."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY

from infra.database.tables.columns import id_column, integer, metadata, moment, text_column

_EMPTY = text("''")


def _person(name: str) -> Column[str]:
    return Column(name, Uuid(as_uuid=False), ForeignKey("person.person_id"), nullable=True)


review = Table(
    "review",
    metadata,
    id_column("review_id", primary_key=True),
    id_column("delivery_id", ForeignKey("delivery.delivery_id")),
    id_column("author_id", ForeignKey("person.person_id")),
    text_column("author_role"),
    id_column("subject_id", ForeignKey("person.person_id")),
    integer("rating"),
    Column("tags", ARRAY(Text), nullable=False),
    text_column("text"),
    moment("written_at"),
    moment("reported_at", nullable=True),
    _person("reported_by"),
    text_column("report_reason", server_default=_EMPTY),
    moment("hidden_at", nullable=True),
    _person("hidden_by"),
    text_column("hidden_reason", server_default=_EMPTY),
    UniqueConstraint("delivery_id", "author_id"),
    Index("review_subject_id_idx", "subject_id", text("review_id DESC")),
    Index(
        "review_reported_idx",
        text("review_id DESC"),
        postgresql_where=text("reported_at IS NOT NULL AND hidden_at IS NULL"),
    ),
)
