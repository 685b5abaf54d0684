"""The keys that sign access tokens: the first one signs, all of them are believed."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.base64url import base64url

SEED_BYTES = 32
"""Length of an Ed25519 private key. Source: RFC 8032."""
KEYS_MAX = 4
"""Keys at once: two are live while they are rotated; more are left over from somewhere."""
KEY_ID_CHARS = 16
"""Length of a key's id: 96 bits of the thumbprint of RFC 7638."""


class SigningKeysUnusable(ValueError):
    """The keys cannot be used; the message says why and holds no key."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One key and the id under which tokens name it."""

    key_id: str
    private: Ed25519PrivateKey
    public: Ed25519PublicKey


class SigningKeys:
    """Every key that access tokens may be signed with, by its id."""

    def __init__(self, seeds: Iterable[bytes]) -> None:
        keys = [_key_from(seed) for seed in seeds]
        if not 0 < len(keys) <= KEYS_MAX:
            raise SigningKeysUnusable(f"there have to be 1 to {KEYS_MAX} keys")
        self._keys = {key.key_id: key for key in keys}
        if len(self._keys) != len(keys):
            raise SigningKeysUnusable("the same key is there twice")
        self.current = keys[0]
        """The key that signs."""

    def public_key(self, key_id: object) -> Ed25519PublicKey | None:
        """Return the key that a token names; none when it is none of ours."""
        key = self._keys.get(key_id) if isinstance(key_id, str) else None
        return None if key is None else key.public

    def key_set(self) -> dict[str, list[dict[str, Any]]]:
        """Return the public keys for others to verify with. Source: RFC 7517 and RFC 8037."""
        return {
            "keys": [
                {**_public_members(key.public), "kid": key.key_id, "alg": "EdDSA", "use": "sig"}
                for key in self._keys.values()
            ]
        }


def read_signing_keys(text: str) -> SigningKeys:
    """Return the keys in a setting: base64 of 32 bytes each, with spaces in between.

    Raises:
        SigningKeysUnusable: there is none, or one is no such key.
    """
    try:
        return SigningKeys(b64decode(part, validate=True) for part in text.split())
    except NotBase64 as error:
        raise SigningKeysUnusable("a key is not base64") from error


def _key_from(seed: bytes) -> SigningKey:
    if len(seed) != SEED_BYTES:
        raise SigningKeysUnusable(f"a key has {SEED_BYTES} bytes, in base64")
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key()
    return SigningKey(_thumbprint(public)[:KEY_ID_CHARS], private, public)


def _public_members(public: Ed25519PublicKey) -> dict[str, str]:
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"crv": "Ed25519", "kty": "OKP", "x": base64url(raw)}


def _thumbprint(public: Ed25519PublicKey) -> str:
    """Return the thumbprint of RFC 7638: the hash of the members in the order of the alphabet."""
    members = _public_members(public)
    text = '{{"crv":"{crv}","kty":"{kty}","x":"{x}"}}'.format_map(members)
    return base64url(sha256(text.encode()).digest())
