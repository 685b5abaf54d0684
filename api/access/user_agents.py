"""Says in one word which program a request comes from, so that people recognise their devices."""

from __future__ import annotations

import re

UNKNOWN = "unknown"
_FAMILIES = (
    ("Sendalong", "Sendalong"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
"""Browsers name those that they want to be taken for as well, so the most telling name is first."""
_PRODUCT = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}")


def family_of(user_agent: str | None) -> str:
    """Return the family of a program by what it says of itself, which may be anything.

    Shape: at most 32 letters, digits and hyphens.
    """
    said = (user_agent or "")[:512]
    for mark, family in _FAMILIES:
        if f"{mark}/" in said:
            return family
    product = _PRODUCT.match(said)
    return product[0] if product else UNKNOWN
