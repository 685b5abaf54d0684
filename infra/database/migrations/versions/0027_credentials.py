"""Keys of programs, and acting in a person's place."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of credentials."""
    run_sql_file(op.get_bind(), "0027_credentials.sql")


def downgrade() -> None:
    """Refuse: keys that programs use would be lost; restore a backup instead."""
    raise NotImplementedError
