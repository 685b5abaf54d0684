"""New ids: UUIDv7, which sort by the time of their making and say nothing else."""

from __future__ import annotations

import secrets
import time
from uuid import UUID

_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62


def new_id() -> str:
    """Return a new UUIDv7 as text. Source: RFC 9562, section 5.7."""
    milliseconds = time.time_ns() // 1_000_000
    random_a, random_b = secrets.randbits(12), secrets.randbits(62)
    return str(UUID(int=milliseconds << 80 | _VERSION_7 | random_a << 64 | _VARIANT | random_b))
