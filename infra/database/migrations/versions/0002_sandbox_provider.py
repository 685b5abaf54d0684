"""Books of the sandbox payment provider."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the books."""
    run_sql_file(op.get_bind(), "0002_sandbox.sql")


def downgrade() -> None:
    """Refuse: money rows are never migrated backwards; restore a backup instead."""
    raise NotImplementedError
