"""What is taken as the key of a device, and what as signed by one."""

from __future__ import annotations

from secrets import token_bytes

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from domain.devices.keys import DeviceKey, KeyAlgorithm
from infra.devices.signatures import KeyRefused, has_signed, imported_key
from tests.device_keys import SoftKey

ED25519, P256 = KeyAlgorithm.ED25519, KeyAlgorithm.P256
FIELD = 2**255 - 19
SMALL_ORDER = (
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
)
"""All eight. Source: Cremers and Jackson, "Prime, Order Please!", 2019."""
KEYS = {algorithm: SoftKey.made(algorithm) for algorithm in KeyAlgorithm}


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_what_a_device_signs_fits_its_key_and_its_words(algorithm: KeyAlgorithm) -> None:
    own, other = KEYS[algorithm], SoftKey.made(algorithm)
    key, signature = imported_key(algorithm, own.public), own.sign(b"words")
    assert has_signed(key, signature, b"words")
    assert not has_signed(key, signature, b"other words")
    assert not has_signed(imported_key(algorithm, other.public), signature, b"words")


@pytest.mark.parametrize("encoded", SMALL_ORDER)
def test_a_point_of_small_order_is_no_key(encoded: str) -> None:
    with pytest.raises(KeyRefused):
        imported_key(ED25519, bytes.fromhex(encoded))


def test_a_point_under_which_everything_is_signed_is_kept_out_at_its_import() -> None:
    """The library takes it for a key: this signature fits every message."""
    neutral = DeviceKey(ED25519, bytes.fromhex(SMALL_ORDER[0]))
    signature = neutral.raw + bytes(32)
    assert has_signed(neutral, signature, token_bytes(8)), "this is why points are looked at"


@pytest.mark.parametrize("y", [FIELD, FIELD + 1, FIELD + 18, 2])
def test_only_the_one_encoding_of_a_point_of_the_curve_is_a_key(y: int) -> None:
    for sign in (0, 1 << 255):
        with pytest.raises(KeyRefused):
            imported_key(ED25519, (y | sign).to_bytes(32, "little"))


def test_a_point_beside_the_curve_or_of_another_one_is_no_key() -> None:
    right = KEYS[P256].public
    foreign = ec.generate_private_key(ec.SECP256K1()).public_key()
    wrong = (
        right[:-1] + bytes([right[-1] ^ 1]),
        foreign.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        b"\x04" + bytes(64),
        b"\x00" * 65,
        b"\x06" + right[1:],
        b"\x02" + right[1:33],
        b"\x00",
        b"",
    )
    for raw in wrong:
        with pytest.raises(KeyRefused):
            imported_key(P256, raw)


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_a_key_of_one_kind_is_none_of_the_other(algorithm: KeyAlgorithm) -> None:
    other = ED25519 if algorithm is P256 else P256
    with pytest.raises(KeyRefused):
        imported_key(other, KEYS[algorithm].public)


@pytest.mark.parametrize("signature", [bytes(64), b"\xff" * 64, b"\x00" * 63, b"", bytes(72)])
@pytest.mark.parametrize("algorithm", KeyAlgorithm)
def test_what_cannot_be_a_signature_is_none(algorithm: KeyAlgorithm, signature: bytes) -> None:
    key = imported_key(algorithm, KEYS[algorithm].public)
    assert not has_signed(key, signature, b"words")


@given(st.sampled_from(KeyAlgorithm), st.binary(max_size=130), st.binary(max_size=80))
def test_no_bytes_break_the_checks(algorithm: KeyAlgorithm, raw: bytes, signature: bytes) -> None:
    try:
        key = imported_key(algorithm, raw)
    except KeyRefused:
        return
    assert not has_signed(key, signature, b"words")


@given(st.sampled_from(KeyAlgorithm), st.integers(0, 511))
def test_no_bit_of_a_signature_may_change(algorithm: KeyAlgorithm, bit: int) -> None:
    own = KEYS[algorithm]
    signature = bytearray(own.sign(b"words"))
    signature[bit // 8] ^= 1 << bit % 8
    assert not has_signed(imported_key(algorithm, own.public), bytes(signature), b"words")
