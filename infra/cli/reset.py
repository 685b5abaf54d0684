"""`sendalong reset`: empty the data folder."""

from __future__ import annotations

import argparse
import asyncio

from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder, default_folder
from infra.local_stack.stack import empty_folder


def run(options: argparse.Namespace) -> int:
    """Empty the data folder after asking; refuse while a stack uses it."""
    folder = StackFolder(options.data or default_folder())
    if not folder.path.exists():
        print(f"{folder.path} does not exist; there is nothing to remove.")
        return 0
    if folder.is_taken():
        raise StackError(f"{folder.describe_user()} Stop it first.")
    if not (options.yes or _is_sure(folder)):
        print("Nothing was removed.")
        return 1
    asyncio.run(empty_folder(folder))
    print(f"{folder.path} is empty.")
    return 0


def _is_sure(folder: StackFolder) -> bool:
    try:
        answer = input(f"Remove every delivery, key and log in {folder.path}? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in {"y", "yes"}
