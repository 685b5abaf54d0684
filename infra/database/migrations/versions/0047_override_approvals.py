"""Approvals of emergency overrides, as people give them: a decision has to refer to one."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their table, and let what was decided refer to it."""
    run_sql_file(op.get_bind(), "0047_override_approvals.sql")


def downgrade() -> None:
    """Drop it, with what it proves."""
    op.execute("ALTER TABLE delivery_override DROP COLUMN approval_id")
    op.execute("DROP TABLE override_approval")
