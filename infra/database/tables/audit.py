"""The trail of what happened outside deliveries, and the signed roots over all chains."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, text

from infra.database.tables.columns import (
    byte_string,
    id_maybe,
    integer,
    metadata,
    moment,
    text_column,
    text_maybe,
)

audit_entry = Table(
    "audit_entry",
    metadata,
    text_column("trail", primary_key=True),
    integer("sequence", primary_key=True, autoincrement=False),
    text_maybe("key"),
    text_column("kind"),
    text_column("actor_role"),
    id_maybe("actor_id"),
    text_column("subject"),
    text_column("subject_id"),
    moment("at"),
    text_column("body"),
    byte_string("previous_hash"),
    byte_string("hash"),
    Index(
        "audit_entry_trail_key_key",
        "trail",
        "key",
        unique=True,
        postgresql_where=text("key IS NOT NULL"),
    ),
    Index("audit_entry_subject_id_idx", "subject_id", postgresql_where=text("subject_id <> ''")),
)

audit_root = Table(
    "audit_root",
    metadata,
    integer("sequence", primary_key=True, autoincrement=False),
    moment("at"),
    text_column("body"),
    byte_string("hash"),
    text_column("key_id"),
    byte_string("signature"),
)

audit_leaf = Table(
    "audit_leaf",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column(
        "root_sequence",
        Integer,
        ForeignKey("audit_root.sequence"),
        primary_key=True,
        autoincrement=False,
    ),
    text_column("chain"),
    integer("length"),
    byte_string("head"),
    Index("audit_leaf_chain_idx", "chain", text("root_sequence DESC")),
)
