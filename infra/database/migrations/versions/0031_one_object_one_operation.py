"""One object at the provider settles one operation, of whatever kind."""

from __future__ import annotations

from alembic import op

revision = "0031"
down_revision = "0030a"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Refuse a reference that was given for another operation already, as invariant I4 says."""
    op.execute("DROP INDEX payment_operation_provider_id_key")
    op.execute(
        "CREATE UNIQUE INDEX payment_operation_provider_id_key"
        " ON payment_operation (provider_id) WHERE provider_id <> ''"
    )


def downgrade() -> None:
    """Allow an object to settle one operation of each kind again."""
    op.execute("DROP INDEX payment_operation_provider_id_key")
    op.execute(
        "CREATE UNIQUE INDEX payment_operation_provider_id_key"
        " ON payment_operation (kind, provider_id) WHERE provider_id <> ''"
    )
