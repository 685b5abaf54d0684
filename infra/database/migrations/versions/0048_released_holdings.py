"""Requests that a code was released from: none of them holds it again, whoever has held it since."""

from __future__ import annotations

from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Remember them; of earlier releases the last one is known."""
    op.execute("ALTER TABLE code_holding ADD COLUMN released bytea[] NOT NULL DEFAULT '{}'")
    op.execute("UPDATE code_holding SET released = ARRAY[asked_by] WHERE device_id IS NULL")


def downgrade() -> None:
    """Forget them."""
    op.execute("ALTER TABLE code_holding DROP COLUMN released")
