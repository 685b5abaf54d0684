"""Bytes have one text without padding, from which they are read again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.base64url import base64url, from_base64url


@given(plain=st.binary(max_size=70))
def test_bytes_are_read_from_their_text(plain: bytes) -> None:
    text = base64url(plain)
    assert from_base64url(text) == plain
    assert not set(text) & set("+/=")


@pytest.mark.parametrize("text", ["A", "ä", "\ud800"])
def test_what_holds_no_bytes_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- Several kinds of it.
        from_base64url(text)
