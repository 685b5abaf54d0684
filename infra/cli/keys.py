"""`sendalong keys`: which key-encryption keys there are, another one, and what is still in clear."""

from __future__ import annotations

import argparse
import os

from sqlalchemy.ext.asyncio import AsyncEngine

from infra.cli.connection import encryption, with_database
from infra.encryption.keys import EncryptionTrouble
from infra.encryption.older import seal_older
from infra.encryption.owned import OwnedKeys
from infra.encryption.rotation import key_use, rewrap_all
from infra.encryption.settings import KEY_VARIABLES
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder, default_folder


def run(options: argparse.Namespace) -> int:
    """List the keys, rotate them, or encrypt what is in clear; the exit code is 1 when something can no longer be read."""
    try:
        if options.action == "rotate":
            return _rotate(options)
        if options.action == "encrypt":
            return _encrypt(options)
        keys = encryption(options).keys
        return with_database(options, lambda engine: _list(engine, keys))
    except EncryptionTrouble as trouble:
        raise StackError(f"{str(trouble)[:1].upper()}{str(trouble)[1:]}.") from trouble


def _rotate(options: argparse.Namespace) -> int:
    if not any(os.environ.get(name) for name in KEY_VARIABLES):
        folder = StackFolder(options.data or default_folder())
        if not folder.has_keys():
            raise StackError(f"There are no keys in {folder.path}; start Sendalong there first.")
        print(f"{folder.add_encryption_key()} is the current key.")
    keys = encryption(options).keys
    count = with_database(options, lambda engine: rewrap_all(engine, keys))
    print(f"{count} keys are wrapped anew.")
    return 0


def _encrypt(options: argparse.Namespace) -> int:
    every = encryption(options)
    done = with_database(options, lambda engine: seal_older(engine, every))
    for table, count in done.items():
        print(f"{table}  {count} rows are encrypted now")
    return 0


async def _list(engine: AsyncEngine, keys: OwnedKeys) -> int:
    known, use = await keys.keys.known(), await key_use(engine)
    for place, name in enumerate(known):
        standing = "current" if place == 0 else "old"
        print(f"{name}  {standing}  wraps {use.wraps.get(name, 0)} keys")
    lost = sorted(set(use.wraps) - set(known))
    for name in lost:
        print(f"{name}  lost  {use.wraps[name]} keys cannot be unwrapped")
    print(f"{use.destroyed} keys were destroyed for good.")
    return 1 if lost else 0
