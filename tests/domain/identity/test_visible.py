"""Nobody writes what others do not see; names of every script are fine."""

from __future__ import annotations

import pytest

from domain.identity.visible import has_hidden


@pytest.mark.parametrize(
    "text",
    [
        "Ada\r\nBcc: eve@example.org",
        "Ada\x00",
        "Ada\x1b[2J",
        "Ada\x85Lovelace",
        "\u202egnp.exe",
        "Ada\u2066\u2069",
        "A\u200bda",
        "Ada\ufeff",
        "Ada\u200d",
        "A\u200cda",
        "Ada\u2028Lovelace",
        "\u3164",
        "A\u00adda",
        "\u2800",
        "Ada\ufe0f",
        "Ada\ufe00",
        "Ada\U000e0041",
        "Ada\ue000",
        "Ada\U000f0000",
    ],
)
def test_what_nobody_sees_is_found(text: str) -> None:
    assert has_hidden(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ada Lovelace",
        "Zoë Krüger-O’Brien",
        "José Ángel",
        "Nguyễn Thị Ánh",
        "أدا لوفلايس",
        "עדה לאבלייס",
        "می\u200cخواهم",
        "क्\u200dष",
        "艾達 洛夫萊斯",
        "Ада",
        "葛\U000e0100城",
    ],
)
def test_names_of_every_script_are_fine(text: str) -> None:
    assert not has_hidden(text)


def test_pictures_and_allowed_signs_are_fine() -> None:
    assert not has_hidden("A box \N{HEAVY BLACK HEART}\ufe0f for you \N{WOMAN}\u200d\N{GIRL}")
    assert not has_hidden("one\n\ttwo", allowed="\n\t")
    assert has_hidden("one\r\n", allowed="\n\t")
