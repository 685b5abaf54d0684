"""What people say and show in disputes is encrypted."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0036"
down_revision = "0035a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let what is in clear be encrypted, once, by the next worker that starts."""
    run_sql_file(op.get_bind(), "0036_sealed_words.sql")


def downgrade() -> None:
    """Refuse: the version before would take what is encrypted for words."""
    raise NotImplementedError
