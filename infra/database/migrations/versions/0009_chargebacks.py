"""Chargebacks."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the list of chargebacks."""
    run_sql_file(op.get_bind(), "0009_chargebacks.sql")


def downgrade() -> None:
    """Refuse: whose money was taken is never forgotten; restore a backup instead."""
    raise NotImplementedError
