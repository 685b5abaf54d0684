"""Calls for help of people who have a part in a delivery."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their table."""
    run_sql_file(op.get_bind(), "0040_sos.sql")


def downgrade() -> None:
    """Drop it, with the calls."""
    op.execute("DROP TABLE sos_call")
