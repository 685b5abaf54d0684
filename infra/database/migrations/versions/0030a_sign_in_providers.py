"""Accounts at other providers that sign people in."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0030a"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Link people to their accounts at other providers."""
    run_sql_file(op.get_bind(), "0030a_sign_in_providers.sql")


def downgrade() -> None:
    """Refuse: who has no password could not sign in any more; restore a backup instead."""
    raise NotImplementedError
