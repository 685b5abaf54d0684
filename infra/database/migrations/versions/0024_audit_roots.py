"""Signed roots over all chains."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the roots and their leaves."""
    run_sql_file(op.get_bind(), "0024_audit_roots.sql")


def downgrade() -> None:
    """Refuse: what is written for ever is not dropped; restore a backup instead."""
    raise NotImplementedError
