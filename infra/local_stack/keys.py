"""What encrypts on this machine: with keys of the environment, or of a data folder."""

from __future__ import annotations

import os
from typing import Any

from pydantic import ValidationError

from infra.encryption.parts import Encryption, encryption_of
from infra.encryption.settings import KEY_VARIABLES, EncryptionSettings
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder


def encryption_in(folder: StackFolder) -> Encryption:
    """Return what encrypts: with the keys of the environment, else with those of the data folder.

    Raises:
        StackError: a key is missing or cannot be used.
    """
    found: dict[str, Any] = {}
    if not any(os.environ.get(name) for name in KEY_VARIABLES) and folder.has_keys():
        found = {"encryption_keys_file": folder.encryption_key_file}
    if not os.environ.get("SENDALONG_INDEX_KEY") and folder.has_keys():
        found["index_key"] = folder.index_key()
    try:
        return encryption_of(EncryptionSettings(**found))
    except ValidationError as error:
        reason = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise StackError(f"{reason.removeprefix('Value error, ')}.") from error
