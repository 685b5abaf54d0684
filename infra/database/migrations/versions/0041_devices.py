"""Levels of proof, devices with keys of their own, the codes that they hold, and who was present."""

from __future__ import annotations

from alembic import op

from infra.database.migrations import run_sql_file

revision = "0041"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give parcels a level, create the tables, and let a passkey answer for a presence."""
    run_sql_file(op.get_bind(), "0041_devices.sql")


def downgrade() -> None:
    """Refuse: what devices have signed could not be shown any more; restore a backup instead."""
    raise NotImplementedError
