"""What encrypts, chosen by the settings."""

from __future__ import annotations

from dataclasses import dataclass

from infra.encryption.indexes import BlindIndex
from infra.encryption.keys import KeyEncryptionKeys
from infra.encryption.owned import OwnedKeys
from infra.encryption.rings import FileKeys, HeldKeys, key_bytes, read_ring
from infra.encryption.settings import EncryptionSettings


@dataclass(frozen=True, slots=True)
class Encryption:
    """Everything that encrypts in one process."""

    keys: OwnedKeys
    """The keys of people, deliveries and workflows."""
    index: BlindIndex
    """Finds encrypted values again."""


def encryption_of(settings: EncryptionSettings) -> Encryption:
    """Return what encrypts; one per process, for it remembers unwrapped keys."""
    ring = key_ring(settings)
    index_key = key_bytes(settings.index_key.get_secret_value(), "SENDALONG_INDEX_KEY")
    return Encryption(OwnedKeys(ring), BlindIndex(index_key))


def key_ring(settings: EncryptionSettings) -> KeyEncryptionKeys:
    """Return the key-encryption keys: those of the file, else those that the setting holds."""
    if settings.encryption_keys_file is not None:
        return FileKeys(settings.encryption_keys_file)
    return HeldKeys(read_ring(settings.encryption_keys.get_secret_value()))
