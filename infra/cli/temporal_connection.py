"""How the subcommands reach Temporal."""

from __future__ import annotations

import argparse
import os
from typing import Any

from temporalio.client import Client

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
    try:
        return await connect(Settings.model_construct(**_way_to_temporal(options)))
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
