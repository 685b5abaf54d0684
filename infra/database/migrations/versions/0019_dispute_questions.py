"""How often agents ask in a dispute."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Count the questions of each dispute."""
    run_sql_file(op.get_bind(), "0019_dispute_questions.sql")


def downgrade() -> None:
    """Refuse: how disputes went is never forgotten; restore a backup instead."""
    raise NotImplementedError
