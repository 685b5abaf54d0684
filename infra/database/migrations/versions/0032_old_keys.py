"""Idempotency keys that have outlived their use are found by their age."""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let old keys be found without reading all: keys are added in the order of their age."""
    op.execute(
        "CREATE INDEX idempotent_request_created_at_idx"
        " ON idempotent_request USING brin (created_at)"
    )


def downgrade() -> None:
    """Remove what finds them."""
    op.execute("DROP INDEX idempotent_request_created_at_idx")
