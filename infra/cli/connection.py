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
from infra.database.roles import OWNER_VARIABLE
from infra.encryption.parts import Encryption
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder, default_folder
from infra.local_stack.keys import encryption_in

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


def owner_database_url(options: argparse.Namespace) -> str:
    """Return the database as its owner reaches it, who migrates; else as everybody does.

    Raises:
        StackError: there is none.
    """
    if os.environ.get("DATABASE_URL"):
        return os.environ.get(OWNER_VARIABLE) or database_url(options)
    running = StackFolder(options.data or default_folder()).running()
    return (running and running.database_owner_url) or database_url(options)


def encryption(options: argparse.Namespace) -> Encryption:
    """Return what encrypts: with the keys of the environment, else with those of the data folder.

    Raises:
        StackError: a key is missing or cannot be used.
    """
    return encryption_in(StackFolder(options.data or default_folder()))


def with_database(options: argparse.Namespace, work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    """Do one piece of work on the database and return its result.

    Raises:
        StackError: the database is unreachable or was never migrated.
    """
    return asyncio.run(_with_engine(database_url(options), work))


def engine_of(options: argparse.Namespace) -> AsyncEngine:
    """Return an engine on the database; whoever asked for it disposes of it.

    Raises:
        StackError: there is no database.
    """
    return _engine(database_url(options))


def _engine(url: str) -> AsyncEngine:
    try:
        return create_engine(url, application_name="sendalong-cli", connections=5)
    except ValueError as error:
        raise StackError(f"The database cannot be used: {error}.") from error


async def _with_engine(url: str, work: Callable[[AsyncEngine], Awaitable[T]]) -> T:
    engine = _engine(url)
    try:
        return await work(engine)
    except (OperationalError, ProgrammingError) as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise StackError(f"The database cannot be used: {reason}") from error
    finally:
        await engine.dispose()
