"""Who else of the staff agrees to an amendment."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let each one be approved by a second person."""
    run_sql_file(op.get_bind(), "0050_amendments_of_two.sql")


def downgrade() -> None:
    """Forget who has approved them."""
    op.execute("ALTER TABLE amendment DROP COLUMN approved_by, DROP COLUMN approved_at")
