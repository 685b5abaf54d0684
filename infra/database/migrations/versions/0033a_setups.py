"""What is set up ends by itself, and acting for somebody ends with the session that began it."""

from __future__ import annotations

from alembic import op

revision = "0033a"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bind setups of apps to a session and a time; those that are under way begin again."""
    op.execute("DELETE FROM totp_factor WHERE secret IS NULL")
    op.execute("UPDATE totp_factor SET pending_secret = NULL")
    op.execute(
        "ALTER TABLE totp_factor ADD pending_until timestamptz, ADD pending_in bytea,"
        " ADD CHECK ((pending_secret IS NULL) = (pending_until IS NULL)),"
        " ADD CHECK ((pending_secret IS NULL) = (pending_in IS NULL))"
    )
    op.execute("ALTER TABLE acting ADD made_in bytea, ADD told text[] NOT NULL DEFAULT '{}'")


def downgrade() -> None:
    """Let setups live for ever again."""
    op.execute("ALTER TABLE totp_factor DROP pending_until, DROP pending_in")
    op.execute("ALTER TABLE acting DROP made_in, DROP told")
