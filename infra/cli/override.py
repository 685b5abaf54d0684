"""`sendalong override`: what staff did without a code."""

from __future__ import annotations

import argparse

from sqlalchemy.ext.asyncio import AsyncEngine

from infra.cli.connection import with_database
from infra.overriding.report import overrides_since

DAY_S = 86_400


def run(options: argparse.Namespace) -> int:
    """Print the emergency overrides of the last days."""

    async def report(engine: AsyncEngine) -> int:
        async with engine.connect() as connection:
            found = await overrides_since(connection, options.days * DAY_S)
        print(found)
        return 0

    return with_database(options, report)
