"""Reads JSON strictly: what one parser reads differently from another is refused.

Source: RFC 8259 and RFC 7493 (I-JSON).
"""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

DEPTH_MAX = 16
"""Deepest nesting: three times what any body of ours needs."""
INTEGER_DIGITS_MAX = 18
"""Longest integer: every one of these fits 64 bits."""


class NotStrictJson(ValueError):
    """The text is not strict JSON; the message says why without repeating any of it."""


def read_json(raw: bytes) -> Any:
    """Return the value of a strict JSON text.

    Raises:
        NotStrictJson: it is not UTF-8 or not JSON, repeats a key, nests too deep, or holds a
            number that is not finite, a NUL or a lone surrogate.
    """
    try:
        value = _DECODER.decode(raw.decode("utf-8"))
    except NotStrictJson:
        raise
    except UnicodeDecodeError as error:
        raise NotStrictJson("It is not UTF-8.") from error
    except RecursionError as error:
        raise NotStrictJson("It is nested too deep.") from error
    except ValueError as error:
        raise NotStrictJson("It is not JSON.") from error
    _require_plain(value)
    return value


def canonical_bytes(value: Any) -> bytes:
    """Return one spelling for equal values, for hashing."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def _require_plain(value: Any) -> None:
    """Walk a value without recursion; every text must be plain and no branch too deep."""
    left: list[tuple[Any, int]] = [(value, 1)]
    while left:
        item, depth = left.pop()
        if depth > DEPTH_MAX:
            raise NotStrictJson("It is nested too deep.")
        if isinstance(item, str):
            _require_plain_text(item)
        elif isinstance(item, dict):
            left.extend((key, depth) for key in item)
            left.extend((inner, depth + 1) for inner in item.values())
        elif isinstance(item, list):
            left.extend((inner, depth + 1) for inner in item)


def _require_plain_text(text: str) -> None:
    if "\x00" in text:
        raise NotStrictJson("It holds a NUL character.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotStrictJson("It holds half of a surrogate pair.") from error


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotStrictJson("It repeats a key.")
    return members


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise NotStrictJson("It holds a number that is too large.")
    return number


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > INTEGER_DIGITS_MAX:
        raise NotStrictJson("It holds a number that is too large.")
    return int(text)


def _no_constant(_: str) -> NoReturn:
    raise NotStrictJson("It holds something that is no JSON number.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique_keys,
    parse_float=_finite,
    parse_int=_integer,
    parse_constant=_no_constant,
)
