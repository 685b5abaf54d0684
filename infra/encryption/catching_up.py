"""Brings what older versions wrote up to date when a worker starts."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.engine import create_engine
from infra.encryption.keys import EncryptionTrouble
from infra.encryption.older import seal_older
from infra.encryption.parts import Encryption
from infra.encryption.recipients import index_recipients

logger = logging.getLogger(__name__)

Catching = Callable[[AsyncEngine, Encryption], Awaitable[Mapping[str, int]]]


async def catch_up(database_url: str, encryption: Encryption) -> None:
    """Encrypt what is in clear and index whom nobody finds, and log how many rows there were.

    A key that is missing or was tampered with stops one of the two, not the other nor the worker.
    """
    engine = create_engine(database_url, application_name="sendalong-seal", connections=5)
    try:
        for work, catching in _CATCHING.items():
            await _try(work, catching, engine, encryption)
    finally:
        await engine.dispose()


async def _try(work: str, catching: Catching, engine: AsyncEngine, encryption: Encryption) -> None:
    try:
        done = await catching(engine, encryption)
    except EncryptionTrouble as trouble:
        logger.warning("older rows wait until next time to be %s: %s", work, trouble)
        return
    for table, count in done.items():
        if count:
            logger.info("%s rows of %s were %s", count, table, work)


async def _index(engine: AsyncEngine, encryption: Encryption) -> Mapping[str, int]:
    return {"parcel": await index_recipients(engine, encryption)}


_CATCHING: Mapping[str, Catching] = {"encrypted": seal_older, "indexed": _index}
"""By what is done to the rows; they are indexed last, as the index is of what can be opened."""
