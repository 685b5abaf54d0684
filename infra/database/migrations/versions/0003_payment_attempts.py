"""Attempts of payment operations, and the sandbox provider's holds and reversals."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count the attempts, and let the sandbox do what every provider does."""
    for name in ("0003_attempts.sql", "0003_sandbox.sql"):
        run_sql_file(op.get_bind(), name)


def downgrade() -> None:
    """Refuse: money rows are never migrated backwards; restore a backup instead."""
    raise NotImplementedError
