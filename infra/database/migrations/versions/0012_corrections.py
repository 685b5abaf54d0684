"""Corrections, and payment operations that came undone."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the list of corrections, and let payment operations come undone."""
    run_sql_file(op.get_bind(), "0012_corrections.sql")


def downgrade() -> None:
    """Refuse: whose money was corrected is never forgotten; restore a backup instead."""
    raise NotImplementedError
