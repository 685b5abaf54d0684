"""Tells whether people see all of a text: what hides, reorders or imitates is for deceiving them.

Source: Unicode Standard Annex 9 (reordering) and Technical Report 36 (what looks like nothing).
"""

from __future__ import annotations

import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
"""Controls, formats such as those that reorder, what everybody may draw as they like, line separators."""
_BLANK_LETTERS = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u2800\u3164\uffa0"
)
"""Letters and marks that look like nothing, and count as letters."""
_JOINERS = frozenset("\u200c\u200d")
"""They join or part letters of some scripts, and pictures; elsewhere nobody sees them."""
_STYLES = frozenset(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""They choose how the sign before them is drawn: a picture, or one form of a Chinese character."""
_TAGS = frozenset(map(chr, (*range(0xE0000, 0xE0100), *range(0xE01F0, 0xE1000))))
"""Set aside to be drawn as nothing, whether or not they are assigned yet."""


def has_hidden(text: str, allowed: str = "") -> bool:
    """Tell whether a text holds something that nobody sees, apart from signs that are allowed."""
    return any(
        _is_hidden(letter, before, after)
        for before, letter, after in zip(" " + text, text, text[1:] + " ", strict=False)
        if letter not in allowed
    )


def _is_hidden(letter: str, before: str, after: str) -> bool:
    if letter in _JOINERS:
        return not (_is_joined(before) and _is_joined(after))
    if letter in _STYLES:
        return unicodedata.category(before)[0] not in "SNP" and unicodedata.category(before) != "Lo"
    is_blank = letter in _BLANK_LETTERS or letter in _TAGS
    return is_blank or unicodedata.category(letter) in _HIDDEN_CATEGORIES


def _is_joined(neighbour: str) -> bool:
    """Tell whether a joiner means something next to a sign: letters of other scripts, pictures."""
    category = unicodedata.category(neighbour)
    return not neighbour.isascii() and (category[0] in "LM" or category in {"So", "Sk"})
