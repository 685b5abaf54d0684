"""A program's family is one word, whatever the program says of itself."""

from __future__ import annotations

import pytest

from api.access.user_agents import family_of


@pytest.mark.parametrize(
    ("said", "family"),
    [
        ("Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/150.0", "Firefox"),
        ("Mozilla/5.0 AppleWebKit/537.36 (KHTML) Chrome/150.0 Safari/537.36", "Chrome"),
        ("Mozilla/5.0 AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28", "python-httpx"),
        ("Sendalong/3 (iPhone)", "Sendalong"),
        ("\u202egnp.exe", "unknown"),
        ("x" * 100_000, "x" * 32),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_the_family_is_one_word(said: str | None, family: str) -> None:
    assert family_of(said) == family
