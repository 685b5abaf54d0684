"""Pictures that prove something in a dispute."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give evidence a picture."""
    run_sql_file(op.get_bind(), "0018_evidence_files.sql")


def downgrade() -> None:
    """Refuse: evidence is never forgotten; restore a backup instead."""
    raise NotImplementedError
