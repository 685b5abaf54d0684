"""Points of the curve of Ed25519, as far as it takes to turn away those that are no public keys.

Source: RFC 8032, sections 5.1.3 and 5.1.4.
"""

from __future__ import annotations

_P = 2**255 - 19
_D = -121_665 * pow(121_666, -1, _P) % _P
_ROOT_OF_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
_SIGN = 1 << 255
_COFACTOR_DOUBLINGS = 3
_Point = tuple[int, int]
_NEUTRAL: _Point = (0, 1)


def is_point_of_large_order(encoded: bytes) -> bool:
    """Tell whether 32 bytes are a point of the curve, in its one encoding, and not of small order.

    There are eight points of small order. Under one of them as a public key, signatures that nobody
    had to make fit any message.
    """
    point = _decoded(encoded)
    if point is None:
        return False
    for _ in range(_COFACTOR_DOUBLINGS):
        point = _doubled(point)
    return point != _NEUTRAL


def _decoded(encoded: bytes) -> _Point | None:
    number = int.from_bytes(encoded, "little")
    y, is_odd = number & (_SIGN - 1), bool(number & _SIGN)
    if y >= _P:
        return None
    x = _root((y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P)
    if x is None or (x == 0 and is_odd):
        return None
    return (_P - x if x % 2 != is_odd else x), y


def _root(square: int) -> int | None:
    """Return a square root, or none of a number that has none."""
    root = pow(square, (_P + 3) // 8, _P)
    for candidate in (root, root * _ROOT_OF_MINUS_ONE % _P):
        if candidate * candidate % _P == square:
            return candidate
    return None


def _doubled(point: _Point) -> _Point:
    # The law of addition has no exception here: neither divisor is ever zero on this curve.
    x, y = point
    product = _D * x * x * y * y % _P
    return (
        2 * x * y * pow(1 + product, -1, _P) % _P,
        (y * y + x * x) * pow(1 - product, -1, _P) % _P,
    )
