"""Fields can be read where they were written, by whom they belong to, and nowhere else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.encryption.fields import OwnedKey, Place, is_sealed
from infra.encryption.indexes import BlindIndex, IndexPurpose
from infra.encryption.keys import NotAuthentic
from infra.identifiers import new_id

HERE = Place("person", "email", new_id())
ADDRESS = "ada@example.org"


@pytest.fixture
def key() -> OwnedKey:
    return OwnedKey(new_id(), b"k" * 32)


@pytest.mark.parametrize("plain", [ADDRESS, "", "Åsa \u202e \ud800 \0", "x" * 100_000])
def test_a_field_comes_back_as_it_was(key: OwnedKey, plain: str) -> None:
    sealed = key.seal(HERE, plain)
    assert is_sealed(sealed)
    assert sealed.isascii()
    assert key.open(HERE, sealed) == plain


def test_a_field_says_nothing_and_never_looks_the_same(key: OwnedKey) -> None:
    assert key.seal(HERE, ADDRESS) != key.seal(HERE, ADDRESS)
    assert not is_sealed(ADDRESS)
    assert "kkk" not in repr(key)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, row_id=new_id()),
        replace(HERE, column="phone"),
        replace(HERE, table="parcel"),
    ],
)
def test_ciphertext_that_was_swapped_is_refused(key: OwnedKey, elsewhere: Place) -> None:
    with pytest.raises(NotAuthentic):
        key.open(elsewhere, key.seal(HERE, ADDRESS))


def test_ciphertext_of_another_key_or_that_was_changed_is_refused(key: OwnedKey) -> None:
    sealed = key.seal(HERE, ADDRESS)
    for other in (replace(key, key=b"x" * 32), replace(key, key_id=new_id())):
        with pytest.raises(NotAuthentic):
            other.open(HERE, sealed)
    for changed in (sealed[:-4], sealed[:20] + "A" + sealed[21:] + "A", "enc1.", ADDRESS, "enc1.é"):
        with pytest.raises(NotAuthentic):
            key.open(HERE, changed)


def test_what_is_missing_stays_missing(key: OwnedKey) -> None:
    assert key.seal_maybe(HERE, None) is None
    assert key.open_maybe(HERE, None) is None
    assert key.open_maybe(HERE, key.seal_maybe(HERE, ADDRESS)) == ADDRESS


def test_a_blind_index_finds_a_value_however_it_is_written() -> None:
    index = BlindIndex(b"i" * 32)
    found = index.of(IndexPurpose.EMAIL, ADDRESS)
    assert found == index.of(IndexPurpose.EMAIL, "  Ada@Example.ORG ")
    assert found != index.of(IndexPurpose.EMAIL, "eve@example.org")
    phone = index.of(IndexPurpose.PHONE, "+34600000001")
    assert phone == index.of(IndexPurpose.PHONE, "+34 600 000-001")
    assert len(found) == len(phone) == 32


def test_indexes_of_different_purposes_or_keys_cannot_be_compared() -> None:
    index = BlindIndex(b"i" * 32)
    assert index.of(IndexPurpose.EMAIL, "1") != index.of(IndexPurpose.PHONE, "1")
    assert index.of(IndexPurpose.EMAIL, "1") != BlindIndex(b"j" * 32).of(IndexPurpose.EMAIL, "1")
    assert index.of_maybe(IndexPurpose.PHONE, None) is None
