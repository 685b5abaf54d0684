"""New ids: UUIDv7, which sort by the time of their making and say nothing else."""

from __future__ import annotations

import secrets
import time
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62


def new_id() -> str:
    """Return a new UUIDv7 as text; two that are made a microsecond apart sort by their making.

    Units: the twelve bits after the version count 4,096ths of a millisecond.

    Source: RFC 9562, sections 5.7 and 6.2 (method 3).
    """
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    fraction, chance = nanoseconds * 4_096 // 1_000_000, secrets.randbits(62)
    return str(UUID(int=milliseconds << 80 | _VERSION_7 | fraction << 64 | _VARIANT | chance))
