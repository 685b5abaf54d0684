"""Key-encryption keys: every adapter keeps the same promises."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.encryption.keys import KeyEncryptionKeys, KeyUnknown, NotAuthentic, WrappedKey
from infra.encryption.rings import (
    BadKeyRing,
    FileKeys,
    HeldKeys,
    read_ring,
    with_new_key,
    write_ring,
)

KEY, SOMEBODY, OTHER = b"d" * 32, b"somebody", b"somebody else"
Ring = dict[str, bytes]
MakeKeys = Callable[[Ring], KeyEncryptionKeys]


@pytest.fixture(params=["held in memory", "in a file"])
def make_keys(request: pytest.FixtureRequest, tmp_path: Path) -> MakeKeys:
    def in_file(ring: Ring) -> KeyEncryptionKeys:
        path = tmp_path / "encryption.keys"
        path.write_text(write_ring(ring))
        return FileKeys(path)

    return HeldKeys if request.param == "held in memory" else in_file


@pytest.fixture
def ring() -> Ring:
    return with_new_key({})


async def test_a_wrapped_key_comes_back_and_says_nothing(make_keys: MakeKeys, ring: Ring) -> None:
    keys = make_keys(ring)
    wrapped = await keys.wrap(KEY, SOMEBODY)
    assert wrapped.wrapped_by == await keys.current() == "k1"
    assert KEY not in wrapped.sealed
    assert await keys.unwrap(wrapped, SOMEBODY) == KEY
    assert await keys.wrap(KEY, SOMEBODY) != wrapped, "each wrapping has randomness of its own"


async def test_a_key_wrapped_for_one_cannot_be_used_for_another(
    make_keys: MakeKeys, ring: Ring
) -> None:
    keys = make_keys(ring)
    wrapped = await keys.wrap(KEY, SOMEBODY)
    with pytest.raises(NotAuthentic):
        await keys.unwrap(wrapped, OTHER)
    changed = WrappedKey(wrapped.wrapped_by, wrapped.sealed[:-1] + b"\0")
    with pytest.raises(NotAuthentic):
        await keys.unwrap(changed, SOMEBODY)


async def test_after_a_rotation_the_old_key_still_reads(make_keys: MakeKeys, ring: Ring) -> None:
    before = await make_keys(ring).wrap(KEY, SOMEBODY)
    keys = make_keys(with_new_key(ring))
    assert await keys.known() == ("k2", "k1")
    assert await keys.unwrap(before, SOMEBODY) == KEY
    assert (await keys.wrap(KEY, SOMEBODY)).wrapped_by == "k2"


async def test_what_a_lost_key_wrapped_is_refused_by_name(make_keys: MakeKeys, ring: Ring) -> None:
    rotated = with_new_key(ring)
    wrapped = await make_keys(rotated).wrap(KEY, SOMEBODY)
    with pytest.raises(KeyUnknown, match="k2"):
        await make_keys(ring).unwrap(wrapped, SOMEBODY)


async def test_a_replaced_file_is_read_again(tmp_path: Path, ring: Ring) -> None:
    path, draft = tmp_path / "encryption.keys", tmp_path / "encryption.new"
    path.write_text(write_ring(ring))
    keys = FileKeys(path)
    before = await keys.wrap(KEY, SOMEBODY)
    draft.write_text(write_ring(with_new_key(ring)))
    draft.replace(path)
    assert await keys.current() == "k2"
    assert await keys.unwrap(before, SOMEBODY) == KEY
    path.unlink()
    with pytest.raises(BadKeyRing, match="cannot be read: No such file"):
        await keys.current()


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "empty"),
        ("k1", "entry 1 .* needs an id"),
        ("K 1:AAAA", "entry 1"),
        ("k1:c2hvcnQ=", "key k1 needs exactly 32 bytes"),
        ("k1:not base64", "key k1 needs exactly 32 bytes"),
    ],
)
def test_a_bad_ring_is_refused_without_showing_it(text: str, complaint: str) -> None:
    with pytest.raises(BadKeyRing, match=complaint) as refused:
        read_ring(text)
    assert "c2hvcnQ" not in str(refused.value)


def test_a_ring_is_written_as_it_is_read(ring: Ring) -> None:
    rotated = with_new_key(ring)
    assert read_ring(write_ring(rotated)) == rotated
    with pytest.raises(BadKeyRing, match="entry 2 "):
        read_ring(write_ring(ring) * 2)
