"""Second factors, approvals of single requests, and challenges of passkeys."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0024a"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give people second factors."""
    run_sql_file(op.get_bind(), "0024a_second_factors.sql")


def downgrade() -> None:
    """Refuse: without their factors nobody of the staff could sign in; restore a backup instead."""
    raise NotImplementedError
