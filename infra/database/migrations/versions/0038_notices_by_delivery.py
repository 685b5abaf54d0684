"""Messages are found by their delivery: an erasure asks for those of each."""

from __future__ import annotations

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index; those that begin with the delivery are partial, and serve other questions."""
    op.execute("CREATE INDEX notification_delivery_id_idx ON notification (delivery_id)")


def downgrade() -> None:
    """Read the whole table again."""
    op.execute("DROP INDEX notification_delivery_id_idx")
