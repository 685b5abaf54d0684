"""Contacts that an older process wrote in clear are found, also where the name is encrypted."""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find a person by any column that is in clear."""
    op.execute("DROP INDEX person_plain_idx")
    op.execute(
        "CREATE INDEX person_plain_idx ON person (person_id) WHERE display_name NOT LIKE 'enc1.%'"
        " OR email NOT LIKE 'enc1.%' OR phone NOT LIKE 'enc1.%'"
    )


def downgrade() -> None:
    """Find them by the name only."""
    op.execute("DROP INDEX person_plain_idx")
    op.execute(
        "CREATE INDEX person_plain_idx ON person (person_id) WHERE display_name NOT LIKE 'enc1.%'"
    )
