"""The sandbox provider's saved payment methods."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the sandbox save payment methods, as every provider does."""
    run_sql_file(op.get_bind(), "0007_sandbox.sql")


def downgrade() -> None:
    """Refuse: money rows are never migrated backwards; restore a backup instead."""
    raise NotImplementedError
