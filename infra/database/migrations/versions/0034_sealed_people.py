"""Names and contacts of people are encrypted, and found again by a keyed hash."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0034"
down_revision = "0033a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for what finds them; what is in clear is encrypted by the next worker that starts."""
    run_sql_file(op.get_bind(), "0034_sealed_people.sql")


def downgrade() -> None:
    """Refuse: the version before would take what is encrypted for names and addresses."""
    raise NotImplementedError
