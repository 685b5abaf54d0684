"""Statement of the sandbox payment provider."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the sandbox's books write a statement, from what they hold already on."""
    run_sql_file(op.get_bind(), "0008_sandbox_statement.sql")


def downgrade() -> None:
    """Refuse: what was compared with it is never forgotten; restore a backup instead."""
    raise NotImplementedError
