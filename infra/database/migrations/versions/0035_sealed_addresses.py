"""Saved addresses are encrypted: the words in their columns, the coordinates in one of their own."""

from __future__ import annotations

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room; what is in clear is encrypted by the next worker that starts."""
    op.execute(
        "ALTER TABLE saved_address ADD place text,"
        " ALTER latitude DROP NOT NULL, ALTER longitude DROP NOT NULL"
    )
    op.execute(
        "CREATE INDEX saved_address_plain_idx ON saved_address (address_id) WHERE place IS NULL"
    )


def downgrade() -> None:
    """Refuse: the version before would take what is encrypted for addresses."""
    raise NotImplementedError
