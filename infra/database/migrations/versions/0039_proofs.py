"""Other proofs than codes."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give parcels terms and a label, and deliveries their proofs."""
    run_sql_file(op.get_bind(), "0039_proofs.sql")


def downgrade() -> None:
    """Refuse: proofs are never forgotten; restore a backup instead."""
    raise NotImplementedError
