"""How much others see of a person: of the name, and of where a traveler is."""

from __future__ import annotations

from enum import StrEnum

from domain.erasing.rules import FORMER_MEMBER
from domain.pricing import Place

ROUGH_DIGITS = 2
"""Digits of a degree that a rough position keeps: about a kilometre, a quarter of a town."""
ROUGH_M = 1_000
"""How exact a rough position says it is."""


class NameShown(StrEnum):
    """How much of a name others read."""

    FULL = "full"
    FIRST = "first"
    INITIALS = "initials"


def shown_name(display_name: str, how: NameShown) -> str:
    """Return a name as others read it, for example `Ada L.` or `A. L.` of Ada Lovelace."""
    if display_name == FORMER_MEMBER:
        return display_name
    first, *rest = display_name.split()
    if how is NameShown.FULL or (how is NameShown.FIRST and not rest):
        return display_name
    parts = [first, rest[-1]] if rest else [first]
    initials = [f"{part[0]}." for part in parts]
    return " ".join([first, initials[-1]] if how is NameShown.FIRST else initials)


def rough(place: Place) -> Place:
    """Return roughly where a place is."""
    return Place(round(place.latitude, ROUGH_DIGITS), round(place.longitude, ROUGH_DIGITS))
