"""Reviews of deliveries."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table of reviews."""
    run_sql_file(op.get_bind(), "0029_reviews.sql")


def downgrade() -> None:
    """Refuse: what people said about each other is not dropped; restore a backup instead."""
    raise NotImplementedError
