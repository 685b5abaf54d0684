"""Buckets of tokens by which requests are counted."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the buckets."""
    run_sql_file(op.get_bind(), "0026_rate_buckets.sql")


def downgrade() -> None:
    """Remove them: what was counted is worth nothing a day later."""
    op.execute("DROP TABLE rate_bucket")
