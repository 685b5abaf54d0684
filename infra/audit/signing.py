"""Signs roots with the audit's own key, and proves signatures with the keys that are trusted."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.auditing.roots import RootStatement, SignedRoot

KEY_BYTES = 32
"""Length of an Ed25519 key, the private one as well as the public one. Source: RFC 8032."""
KEY_ID_CHARS = 16
"""Length of a key's id: 64 bits of the hash of its public half name one of a handful."""


class RootSigner:
    """The private key of the audit."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = _raw(self._private.public_key())
        """The public half, which may be shown to everybody."""

    def sign(self, statement: RootStatement) -> SignedRoot:
        """Return a statement with its signature."""
        signature = self._private.sign(statement.signed_bytes)
        return SignedRoot(statement.text, key_id_of(self.public), signature.hex())


class TrustedKeys:
    """Public keys whose signatures are believed: the present one and those before it."""

    def __init__(self, keys: Iterable[bytes]) -> None:
        self._keys = {key_id_of(key): Ed25519PublicKey.from_public_bytes(key) for key in keys}

    def __len__(self) -> int:
        return len(self._keys)

    def knows(self, key_id: str) -> bool:
        """Tell whether a key is one of them."""
        return key_id in self._keys

    def proves(self, key_id: str, signature: bytes, signed: bytes) -> bool:
        """Tell whether a trusted key made this signature."""
        if not self.knows(key_id):
            return False
        try:
            self._keys[key_id].verify(signature, signed)
        except InvalidSignature:
            return False
        return True


def read_signer(text: str) -> RootSigner:
    """Return the signer whose private key a setting holds.

    Raises:
        ValueError: it holds no such key.
    """
    return RootSigner(read_key(text))


def read_key(text: str) -> bytes:
    """Return the bytes of a key.

    Raises:
        ValueError: the text is not base64 of 32 bytes.
    """
    # What base64 refuses is a ValueError as well, but one whose words tell of the text.
    try:
        raw = b64decode(text, validate=True)
    except ValueError as error:
        raise ValueError("an audit key is base64") from error
    if len(raw) != KEY_BYTES:
        raise ValueError(f"an audit key has {KEY_BYTES} bytes, in base64")
    return raw


def shown_key(public: bytes) -> str:
    """Return a public key as people copy it."""
    return b64encode(public).decode()


def key_id_of(public: bytes) -> str:
    """Return the id under which roots name a key."""
    return sha256(public).hexdigest()[:KEY_ID_CHARS]


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
