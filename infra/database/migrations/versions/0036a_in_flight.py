"""A request holds its key while it is carried out, and an offer knows the event that changed it last."""

from __future__ import annotations

from alembic import op

revision = "0036a"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add who holds a key until when, and the number of an offer's latest event."""
    op.execute(
        "ALTER TABLE idempotent_request ADD COLUMN held_by uuid,"
        " ADD COLUMN held_until timestamp with time zone"
    )
    op.execute("ALTER TABLE offer ADD COLUMN sequence integer NOT NULL DEFAULT 0")


def downgrade() -> None:
    """Remove them."""
    op.execute("ALTER TABLE offer DROP COLUMN sequence")
    op.execute("ALTER TABLE idempotent_request DROP COLUMN held_until, DROP COLUMN held_by")
