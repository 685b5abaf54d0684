"""What people must look at."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the list of what people must look at."""
    run_sql_file(op.get_bind(), "0006_attention.sql")


def downgrade() -> None:
    """Refuse: what was found wrong is never forgotten; restore a backup instead."""
    raise NotImplementedError
