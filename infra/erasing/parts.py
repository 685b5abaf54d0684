"""Puts together what erases people."""

from __future__ import annotations

from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from infra.encryption.parts import encryption_of
from infra.encryption.settings import EncryptionSettings
from infra.erasing.erasures import DatabaseErasures
from infra.erasing.histories import running_among


def erasures_of(
    client: Client, engine: AsyncEngine, settings: EncryptionSettings
) -> DatabaseErasures:
    """Return the erasures of a worker: Temporal says what still runs."""
    return DatabaseErasures(engine, encryption_of(settings), partial(running_among, client))
