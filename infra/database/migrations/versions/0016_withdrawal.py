"""Travelers who leave before the pickup: strikes, and deliveries that are opened again."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the list of strikes, and let customers say whether to look for another traveler."""
    run_sql_file(op.get_bind(), "0016_withdrawal.sql")


def downgrade() -> None:
    """Refuse: who left a delivery is never forgotten; restore a backup instead."""
    raise NotImplementedError
