"""A dispute that the database holds and its delivery's workflow may not know of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.contracts import OpenDispute


@dataclass(frozen=True, slots=True)
class StoredDispute:
    """An open dispute as it was written when it was opened, before its first step."""

    command: OpenDispute
    """What opened it: done again it leads to the same dispute."""
    deadline_kind: str | None
    """Its clock, as it was armed then."""
    deadline_at: datetime | None
    """When that clock runs out, in UTC."""
