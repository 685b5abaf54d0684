"""Relays: parcels that are handed on to a second traveler."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0025"
down_revision = "0024a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of relays."""
    run_sql_file(op.get_bind(), "0025_relay.sql")


def downgrade() -> None:
    """Refuse: what is written for ever is not dropped; restore a backup instead."""
    raise NotImplementedError
