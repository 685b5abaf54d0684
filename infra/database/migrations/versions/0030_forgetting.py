"""Forgetting of old tries, and of a choice that there is none about."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let old tries be found, and drop the choice of mail."""
    run_sql_file(op.get_bind(), "0030_forgetting.sql")


def downgrade() -> None:
    """Refuse: what is not needed is not brought back; restore a backup instead."""
    raise NotImplementedError
