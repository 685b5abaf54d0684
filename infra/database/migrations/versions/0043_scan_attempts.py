"""Every scan that somebody tried, and the level that a customer asked for."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keep attempts, and what was asked for."""
    run_sql_file(op.get_bind(), "0043_scan_attempts.sql")


def downgrade() -> None:
    """Refuse: attempts are evidence; restore a backup instead."""
    raise NotImplementedError
