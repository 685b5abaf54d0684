"""Disputes at the sandbox payment provider."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give the sandbox a card network, which takes money back and may return it."""
    run_sql_file(op.get_bind(), "0011_sandbox_disputes.sql")


def downgrade() -> None:
    """Refuse: money rows are never migrated backwards; restore a backup instead."""
    raise NotImplementedError
