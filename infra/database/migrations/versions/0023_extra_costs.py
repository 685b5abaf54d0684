"""Extra costs that a traveler asks for."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let corrections hold extra costs, and what they are for."""
    run_sql_file(op.get_bind(), "0023_extra_costs.sql")


def downgrade() -> None:
    """Refuse: where money went is never forgotten; restore a backup instead."""
    raise NotImplementedError
