"""What devices have signed: keys are imported strictly, signatures checked by a library.

Source: RFC 8032; FIPS 186-5; Web Cryptography API, sections 23 and 27.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from domain.devices.keys import PUBLIC_KEY_BYTES, DeviceKey, KeyAlgorithm
from domain.handover.claimed import SIGNATURE_BYTES
from infra.devices.points import is_point_of_large_order

_NUMBER_BYTES = SIGNATURE_BYTES // 2


class KeyRefused(Exception):
    """The bytes are no public key of that kind."""


def imported_key(algorithm: KeyAlgorithm, raw: bytes) -> DeviceKey:
    """Return the public key in bytes that anybody may have sent.

    Raises:
        KeyRefused: the length is another one, the point is not on the curve, is not in its one encoding,
            or is of small order.
    """
    if len(raw) != PUBLIC_KEY_BYTES[algorithm]:
        raise KeyRefused("the length is that of no key of this kind")
    if algorithm is KeyAlgorithm.ED25519:
        if not is_point_of_large_order(raw):
            raise KeyRefused("it is no point of the curve that may be a key")
    else:
        _point_of_p256(raw)
    return DeviceKey(algorithm, raw)


def has_signed(key: DeviceKey, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature over a message was made with the private key to a public one.

    For P-256 a second signature follows from each, which fits as well. Nothing here is known by its
    signature: a request is carried out once by its key, and a code by its row.
    """
    if len(signature) != SIGNATURE_BYTES:
        return False
    try:
        if key.algorithm is KeyAlgorithm.ED25519:
            Ed25519PublicKey.from_public_bytes(key.raw).verify(signature, message)
        else:
            _point_of_p256(key.raw).verify(_der(signature), message, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _point_of_p256(raw: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    except ValueError as error:
        raise KeyRefused("it is no point of the curve") from error


def _der(signature: bytes) -> bytes:
    halves = signature[:_NUMBER_BYTES], signature[_NUMBER_BYTES:]
    return encode_dss_signature(*(int.from_bytes(half, "big") for half in halves))
