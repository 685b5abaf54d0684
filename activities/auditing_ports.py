"""What the audit needs from the world."""

from __future__ import annotations

from typing import Protocol

from domain.auditing.roots import SignedRoot


class Roots(Protocol):
    """The signed roots over the heads of all chains."""

    async def sign(self) -> SignedRoot:
        """Sign how all chains stand now, and keep it.

        Idempotency: a repetition makes one more root, which does no harm.
        """
        ...
