"""Emergency overrides: what two people of staff decide without a code."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0046"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their table."""
    run_sql_file(op.get_bind(), "0046_overrides.sql")


def downgrade() -> None:
    """Drop it, with what it proves."""
    op.execute("DROP TABLE delivery_override")
