"""Clients of Temporal that encrypt: worker, API and command line get theirs here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client

from infra.database.engine import create_engine
from infra.encryption.catching_up import catch_up
from infra.encryption.parts import Encryption, encryption_of
from infra.encryption.workflow_keys import DatabasePayloadKeys
from infra.settings import Settings
from infra.temporal import connect

CONNECTIONS = 4
"""Connections for keys: few questions, each answered by one row."""


@asynccontextmanager
async def encrypting_client(
    settings: Settings, encryption: Encryption, *, name: str, lazy: bool = False
) -> AsyncIterator[Client]:
    """Yield a client that encrypts; it looks keys up on connections of its own.

    So no payload waits for a request or an activity that holds the last connection of the others.

    Raises:
        RuntimeError: the front end does not answer; a lazy client says so at its first call.
    """
    engine = create_engine(settings.database_url, application_name=name, connections=CONNECTIONS)
    try:
        keys = DatabasePayloadKeys(engine, encryption.keys)
        yield await connect(settings, keys, lazy=lazy)
    finally:
        await engine.dispose()


@asynccontextmanager
async def worker_client(settings: Settings) -> AsyncIterator[Client]:
    """Yield the client of a worker, once what was written before there was encryption is encrypted.

    Raises:
        RuntimeError: the front end does not answer.
    """
    encryption = encryption_of(settings)
    await catch_up(settings.database_url, encryption)
    async with encrypting_client(settings, encryption, name="sendalong-worker-keys") as client:
        yield client
