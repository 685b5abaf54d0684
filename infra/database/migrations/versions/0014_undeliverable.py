"""What is to be done with a parcel that cannot be handed over."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a request say what is to be done when nobody takes the parcel."""
    run_sql_file(op.get_bind(), "0014_undeliverable.sql")


def downgrade() -> None:
    """Refuse: what customers chose is never forgotten; restore a backup instead."""
    raise NotImplementedError
