"""Signs proof documents with keys of their own, and believes the keys that somebody names."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.audit.signing import KEY_BYTES, TrustedKeys, key_id_of, read_key, shown_key

KEYS_MAX = 8
"""Keys at once: the one that signs, and those that older documents were signed with."""
KEY_FILE_BYTES_MAX = 64 * 1024


class DocumentSigner:
    """The private keys of proof documents: the first one signs."""

    def __init__(self, seeds: Sequence[bytes]) -> None:
        if not 0 < len(seeds) <= KEYS_MAX:
            raise ValueError(f"there have to be 1 to {KEYS_MAX} keys of proof documents")
        self._private = Ed25519PrivateKey.from_private_bytes(seeds[0])
        self.publics = tuple(
            Ed25519PrivateKey.from_private_bytes(seed)
            .public_key()
            .public_bytes(Encoding.Raw, PublicFormat.Raw)
            for seed in seeds
        )
        """The public halves, which may be shown to everybody; that of the signing key first."""
        self.key_id = key_id_of(self.publics[0])

    def sign(self, signed: bytes) -> str:
        """Return the signature over bytes, in hexadecimal."""
        return self._private.sign(signed).hex()

    @property
    def key_set(self) -> list[dict[str, str]]:
        """The public keys as they are published."""
        return [
            {"key_id": key_id_of(each), "algorithm": "Ed25519", "public_key": shown_key(each)}
            for each in self.publics
        ]


def read_document_signer(text: str) -> DocumentSigner:
    """Return the signer whose private keys a setting holds, with spaces in between.

    Raises:
        ValueError: it holds no such key.
    """
    return DocumentSigner([read_key(part) for part in text.split()])


def read_public_keys(text: str) -> TrustedKeys:
    """Return the public keys of a file: as they are published, or base64, one on each line.

    Raises:
        ValueError: it holds none.
    """
    if text.lstrip().startswith("{"):
        try:
            shown = [str(each["public_key"]) for each in json.loads(text)["keys"]]
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError("it does not list keys as they are published") from error
    else:
        shown = [line.strip() for line in text.splitlines() if line.strip()]
    keys = [b64decode(each, validate=True) for each in shown]
    if not keys or any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"a public key has {KEY_BYTES} bytes, in base64")
    return TrustedKeys(keys)
