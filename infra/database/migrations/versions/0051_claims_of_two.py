"""Who was the first to agree to a claim for which two people of staff are needed."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the first of them be kept."""
    run_sql_file(op.get_bind(), "0051_claims_of_two.sql")


def downgrade() -> None:
    """Forget who has agreed first."""
    op.execute("ALTER TABLE custody_claim DROP COLUMN agreed_by, DROP COLUMN agreed_at")
