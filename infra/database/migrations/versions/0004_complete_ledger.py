"""The ledger says who bears what, numbers its transactions and books what a card network takes."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what statements and late surprises need."""
    run_sql_file(op.get_bind(), "0004_ledger.sql")


def downgrade() -> None:
    """Refuse: money rows are never migrated backwards; restore a backup instead."""
    raise NotImplementedError
