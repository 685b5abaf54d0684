"""The ladder of disputes."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give disputes their stages, proposals and agents."""
    run_sql_file(op.get_bind(), "0013_dispute_ladder.sql")


def downgrade() -> None:
    """Refuse: how disputes went is never forgotten; restore a backup instead."""
    raise NotImplementedError
