"""Signs manifests, so that a phone without network knows that the platform has issued them.

The key is derived from the one that makes the codes: whoever has that can make codes and needs no
manifest. The audit's key signs nothing here, for the API must not hold it.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.offline.manifest import Manifest
from infra.audit.signing import key_id_of

_LABEL = b"sendalong offline manifest key 1"


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """A manifest as it is handed out."""

    text: str
    key_id: str
    signature: bytes


class ManifestSigner:
    """The private key of manifests."""

    def __init__(self, handover_key: bytes) -> None:
        seed = hmac.new(handover_key, _LABEL, sha256).digest()
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        """The public half, which may be shown to everybody."""
        self.key_id = key_id_of(self.public)

    def sign(self, manifest: Manifest) -> SignedManifest:
        """Return a manifest with its signature."""
        signature = self._private.sign(manifest.signed_bytes)
        return SignedManifest(manifest.text, self.key_id, signature)
