"""Requests to be erased, and what erases the words of people."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the requests, and let words go when their author is erased."""
    run_sql_file(op.get_bind(), "0028_erasure.sql")


def downgrade() -> None:
    """Refuse: what is written for ever is not dropped; restore a backup instead."""
    raise NotImplementedError
