"""Time that is moved on in sandbox mode, and runs of the robo traveler."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give the sandbox a clock per delivery, and the robo traveler its memory."""
    run_sql_file(op.get_bind(), "0015_sandbox_time.sql")


def downgrade() -> None:
    """Refuse, as every migration does; restore a backup instead."""
    raise NotImplementedError
