"""The wrapped keys of people, deliveries and workflows."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of keys."""
    run_sql_file(op.get_bind(), "0022_keys.sql")


def downgrade() -> None:
    """Refuse: without its keys nothing encrypted can be read; restore a backup instead."""
    raise NotImplementedError
