"""Scans without network: what phones took along, and what they claim to have scanned."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of manifests and claims."""
    run_sql_file(op.get_bind(), "0042_offline.sql")


def downgrade() -> None:
    """Refuse: claims are never dropped; restore a backup instead."""
    raise NotImplementedError
