"""What forgetting needs from the world."""

from __future__ import annotations

from typing import Protocol

from domain.forgetting import Forgotten


class Forgetting(Protocol):
    """What only serves requests, and is of no use after a while."""

    async def forget(self) -> Forgotten:
        """Remove what has served, in batches.

        Idempotency: a repetition goes on where the last one was interrupted.
        """
        ...
