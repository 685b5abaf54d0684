"""After which event of its delivery a proof was added: it is for the handover that was under way then."""

from __future__ import annotations

from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None

# What is there already was added after what had happened by then.
_KNOWN = """
ALTER TABLE proof_item DISABLE TRIGGER append_only;
UPDATE proof_item SET after_sequence = coalesce((
    SELECT max(sequence) FROM event
    WHERE event.delivery_id = proof_item.delivery_id AND event.at <= proof_item.created_at), 0);
ALTER TABLE proof_item ENABLE TRIGGER append_only;
"""


def upgrade() -> None:
    """Note it."""
    op.execute("ALTER TABLE proof_item ADD COLUMN after_sequence integer NOT NULL DEFAULT 0")
    for statement in _KNOWN.strip().split(";\n"):
        op.execute(statement)


def downgrade() -> None:
    """Forget it."""
    op.execute("ALTER TABLE proof_item DROP COLUMN after_sequence")
