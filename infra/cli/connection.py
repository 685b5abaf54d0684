"""How the subcommands reach the database."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.engine import create_engine
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder, default_folder

T = TypeVar("T")


def database_url(options: argparse.Namespace) -> str:
    """Return the database of `DATABASE_URL`, else that of the running local stack.

    Raises:
        StackError: there is neither.
    """
    named = os.environ.get("DATABASE_URL")
    if named:
        return named
    folder = StackFolder(options.data or default_folder())
    running = folder.running()
    if running is None or running.database_url is None:
        raise StackError(
            f"Sendalong is not running on {folder.path}; start it with `make up`, "
            "or set DATABASE_URL."
        )
    return running.database_url


def with_database(options: argparse.Namespace, work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """Do one piece of work on the database and return its result.

    Raises:
        StackError: the database is unreachable or was never migrated.
    """
    return asyncio.run(_with_engine(database_url(options), work))


async def _with_engine(url: str, work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    try:
        engine = create_engine(url, application_name="sendalong-cli", connections=1)
    except ValueError as error:
        raise StackError(f"The database cannot be used: {error}.") from error
    try:
        return await work(engine)
    except (OperationalError, ProgrammingError) as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise StackError(f"The database cannot be used: {reason}") from error
    finally:
        await engine.dispose()
