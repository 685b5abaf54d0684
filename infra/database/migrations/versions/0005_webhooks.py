"""Inbox of payment providers' events."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the inbox, what it amounts to, and the cursor of the provider's list."""
    run_sql_file(op.get_bind(), "0005_webhooks.sql")


def downgrade() -> None:
    """Refuse: events that were acted on are never forgotten; restore a backup instead."""
    raise NotImplementedError
