"""Corrections of addresses and recipients: prepared beside the workflow, taken over with its event."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of prepared corrections."""
    run_sql_file(op.get_bind(), "0017_amendments.sql")


def downgrade() -> None:
    """Refuse: what was corrected by whom is never forgotten; restore a backup instead."""
    raise NotImplementedError
