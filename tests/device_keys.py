"""The keys of a phone, in software: what WebCrypto makes and signs."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.devices.keys import KeyAlgorithm
from infra.base64url import base64url


@dataclass(frozen=True)
class SoftKey:
    """A pair of keys."""

    algorithm: KeyAlgorithm
    private: Ed25519PrivateKey | ec.EllipticCurvePrivateKey

    @classmethod
    def made(cls, algorithm: KeyAlgorithm = KeyAlgorithm.ED25519) -> SoftKey:
        if algorithm is KeyAlgorithm.ED25519:
            return cls(algorithm, Ed25519PrivateKey.generate())
        return cls(algorithm, ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> bytes:
        public = self.private.public_key()
        if self.algorithm is KeyAlgorithm.ED25519:
            return public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, message: bytes) -> bytes:
        if isinstance(self.private, Ed25519PrivateKey):
            return self.private.sign(message)
        made = self.private.sign(message, ec.ECDSA(SHA256()))
        return b"".join(number.to_bytes(32, "big") for number in decode_dss_signature(made))

    def signed(self, method: str, path: str, key: str, body: bytes) -> str:
        """Return what goes with a request in the header `Sendalong-Signature`."""
        return base64url(self.sign(f"{method} {path}\n{key}\n".encode() + body))
