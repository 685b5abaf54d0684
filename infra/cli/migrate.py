"""`sendalong migrate`: bring the database to the newest schema."""

from __future__ import annotations

import argparse

from infra.cli.connection import owner_database_url
from infra.database.migrate import current_revision
from infra.local_stack.migration import migrate_database


def run(options: argparse.Namespace) -> int:
    """Migrate the database and say at which revision it is."""
    url = owner_database_url(options)
    migrate_database(url)
    print(f"Database is up to date at revision {current_revision(url)}.")
    return 0
