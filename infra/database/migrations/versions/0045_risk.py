"""What was decided about risk."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0045"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of decisions."""
    run_sql_file(op.get_bind(), "0045_risk.sql")


def downgrade() -> None:
    """Refuse: why somebody was held up is not dropped; restore a backup instead."""
    raise NotImplementedError
