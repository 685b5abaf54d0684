"""Accounts, sessions, refresh tokens and codes that prove addresses."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what people sign in with."""
    run_sql_file(op.get_bind(), "0021_accounts.sql")


def downgrade() -> None:
    """Refuse: people would lose their accounts; restore a backup instead."""
    raise NotImplementedError
