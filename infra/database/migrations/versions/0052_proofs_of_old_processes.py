"""A proof that comes in without saying after which event is placed by when it came, not before all of them."""

from __future__ import annotations

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

# No proof comes before the first event: a nought is what a process wrote that did not know the column.
_NOT_TOLD = """
ALTER TABLE proof_item DISABLE TRIGGER append_only;
UPDATE proof_item SET after_sequence = NULL WHERE after_sequence = 0;
ALTER TABLE proof_item ENABLE TRIGGER append_only;
"""
_TOLD = """
ALTER TABLE proof_item DISABLE TRIGGER append_only;
UPDATE proof_item SET after_sequence = coalesce((
    SELECT max(sequence) FROM event
    WHERE event.delivery_id = proof_item.delivery_id AND event.at <= proof_item.created_at), 0)
WHERE after_sequence IS NULL;
ALTER TABLE proof_item ENABLE TRIGGER append_only;
"""


def upgrade() -> None:
    """Allow it not to be told."""
    op.execute(
        "ALTER TABLE proof_item ALTER COLUMN after_sequence DROP DEFAULT,"
        " ALTER COLUMN after_sequence DROP NOT NULL"
    )
    _run(_NOT_TOLD)


def downgrade() -> None:
    """Write it down for each, and demand it again."""
    _run(_TOLD)
    op.execute(
        "ALTER TABLE proof_item ALTER COLUMN after_sequence SET DEFAULT 0,"
        " ALTER COLUMN after_sequence SET NOT NULL"
    )


def _run(statements: str) -> None:
    for statement in statements.strip().split(";\n"):
        op.execute(statement)
