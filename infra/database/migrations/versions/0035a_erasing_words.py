"""Erasing a person takes what staff wrote about their deliveries along."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0035a"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the one function that may erase words know the deliveries that they are about."""
    run_sql_file(op.get_bind(), "0035a_erasing_words.sql")


def downgrade() -> None:
    """Refuse: what was erased does not come back, and the function before knew less."""
    raise NotImplementedError
