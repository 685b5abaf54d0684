"""The trail of what happened outside deliveries."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the trail and the one function that writes to it."""
    run_sql_file(op.get_bind(), "0020_audit.sql")


def downgrade() -> None:
    """Refuse: what is written for ever is not dropped; restore a backup instead."""
    raise NotImplementedError
