"""First schema: people, deliveries, events, codes, positions, disputes, messages and the ledger."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create everything the platform keeps."""
    for name in ("0001_deliveries.sql", "0001_money.sql", "0001_guards.sql"):
        run_sql_file(op.get_bind(), name)


def downgrade() -> None:
    """Refuse: money and audit rows are never migrated backwards; restore a backup instead."""
    raise NotImplementedError
