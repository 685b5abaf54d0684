"""How the subcommands reach Temporal."""

from __future__ import annotations

import argparse
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from temporalio.client import Client

from infra.cli.connection import encryption, engine_of
from infra.encryption.payloads import PayloadKeys
from infra.encryption.workflow_keys import DatabasePayloadKeys
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder, default_folder
from infra.settings import Settings
from infra.temporal import connect, is_external

_OF_TEMPORAL = ("temporal_address", "temporal_namespace")


async def temporal_client(options: argparse.Namespace) -> Client:
    """Connect to the Temporal of the environment, else to that of the running local stack.

    Raises:
        StackError: there is neither, or it does not answer.
    """
    return await _connected(options)


@asynccontextmanager
async def encrypting_client(options: argparse.Namespace) -> AsyncIterator[Client]:
    """Connect as `temporal_client` does, with the keys to read and write what workflows are told.

    Raises:
        StackError: there is no Temporal, no database or no key ring.
    """
    engine = engine_of(options)
    try:
        keys = DatabasePayloadKeys(engine, encryption(options).keys)
        yield await _connected(options, keys)
    finally:
        await engine.dispose()


async def _connected(options: argparse.Namespace, keys: PayloadKeys | None = None) -> Client:
    try:
        return await connect(Settings.model_construct(**_way_to_temporal(options)), keys)
    except RuntimeError as error:
        raise StackError("Temporal does not answer.") from error


def _way_to_temporal(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that say where Temporal is; no other one is needed for that."""
    if is_external(os.environ):
        variables = [(name, os.environ.get(name.upper())) for name in _OF_TEMPORAL]
        found = {name: value for name, value in variables if value}
    else:
        running = StackFolder(options.data or default_folder()).running()
        if running is None:
            raise StackError("Sendalong is not running; start it, or set TEMPORAL_ADDRESS.")
        found = {"temporal_address": running.temporal_address}
    return {"_fields_set": set(found), **found}
