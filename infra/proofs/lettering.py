"""Texts as the pages can print them: the fonts that every PDF reader has know Latin letters only."""

from __future__ import annotations

import unicodedata

UNPRINTABLE = "?"
"""Stands for a sign that the fonts do not know; the statement in the document holds the text itself."""
CHARS_MAX = 300
"""Longest text on a page; the statement holds the rest."""
_ENCODING = "latin-1"


def printable(text: str) -> str:
    """Return a text in the signs that the pages know, on one line.

    Letters lose accents that the fonts lack; what is left without any likeness becomes a question mark.
    """
    line = " ".join(unicodedata.normalize("NFC", text).split())
    shown = "".join(_printed(sign) for sign in line[: CHARS_MAX + 1])
    return shown if len(line) <= CHARS_MAX else f"{shown[:CHARS_MAX]}..."


def _printed(sign: str) -> str:
    if _is_known(sign):
        return sign
    likeness = "".join(each for each in unicodedata.normalize("NFKD", sign) if _is_known(each))
    return likeness or ("" if unicodedata.category(sign).startswith("M") else UNPRINTABLE)


def _is_known(sign: str) -> bool:
    try:
        sign.encode(_ENCODING)
    except UnicodeEncodeError:
        return False
    return sign.isprintable()
