"""Parcels are found by the contact of a recipient who has no account."""

from __future__ import annotations

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for the indexes; parcels that are here are indexed by the next worker that starts."""
    op.execute(
        "ALTER TABLE parcel ADD recipient_phone_lookup text, ADD recipient_email_lookup text"
    )
    for contact in ("phone", "email"):
        op.execute(
            f"CREATE INDEX parcel_recipient_{contact}_lookup_idx"
            f" ON parcel (recipient_{contact}_lookup)"
            f" WHERE recipient_{contact}_lookup IS NOT NULL"
        )
    op.execute(
        "CREATE INDEX parcel_unindexed_idx ON parcel (delivery_id)"
        " WHERE recipient_email IS NOT NULL AND recipient_email_lookup IS NULL"
        " OR recipient_phone IS NOT NULL AND recipient_phone_lookup IS NULL"
    )


def downgrade() -> None:
    """Remove the indexes; the contacts themselves stay."""
    op.execute("ALTER TABLE parcel DROP recipient_phone_lookup, DROP recipient_email_lookup")
