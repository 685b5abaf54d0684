"""What the provider's statement said, and the runs that compared it with the ledger."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the kept statement, its matches and the runs."""
    run_sql_file(op.get_bind(), "0010_reconciliation.sql")


def downgrade() -> None:
    """Refuse: what was compared is never forgotten; restore a backup instead."""
    raise NotImplementedError
