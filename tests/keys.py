"""The keys that everything under test encrypts with: fixed, and worth nothing."""

from __future__ import annotations

import os
from base64 import b64encode

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from infra.encryption.indexes import BlindIndex
from infra.encryption.owned import OwnedKeys
from infra.encryption.parts import Encryption
from infra.encryption.payloads import encrypting_converter
from infra.encryption.rings import HeldKeys
from infra.encryption.workflow_keys import DatabasePayloadKeys

RING = {"k1": b"w" * 32}
"""The key ring of the tests."""
INDEX_KEY = b"i" * 32
AUDIT_SEED = b"a" * 32
SIGNING_SEED = b"s" * 32
PROOF_SEED = b"p" * 32
VARIABLES = {
    "SENDALONG_ENCRYPTION_KEYS": f"k1:{b64encode(RING['k1']).decode()}",
    "SENDALONG_INDEX_KEY": b64encode(INDEX_KEY).decode(),
    "SENDALONG_AUDIT_SIGNING_KEY": b64encode(AUDIT_SEED).decode(),
    "SENDALONG_SIGNING_KEYS": b64encode(SIGNING_SEED).decode(),
    "SENDALONG_PROOF_SIGNING_KEYS": b64encode(PROOF_SEED).decode(),
}
"""The same keys as settings."""
ENCRYPTION = Encryption(OwnedKeys(HeldKeys(RING)), BlindIndex(INDEX_KEY))
"""What encrypts in this process."""


def encrypting(server: WorkflowEnvironment, engine: AsyncEngine) -> WorkflowEnvironment:
    """Have everybody who uses a server's client encrypt, with keys in this database."""
    keys = DatabasePayloadKeys(engine, ENCRYPTION.keys)
    converter = encrypting_converter(keys, server.client.namespace)
    config = server.client.config()
    config["data_converter"] = converter
    server._client = Client(**config)
    return server


def provide_keys() -> None:
    """Set the keys in the environment of this process and of those that it starts."""
    os.environ.update(VARIABLES)
