"""What an erasure needs from the world."""

from __future__ import annotations

from typing import Protocol

from domain.erasing.rules import ErasureNote, ErasureOrder, ErasureOutcome


class Erasures(Protocol):
    """Requests to be erased, and the erasing itself.

    Idempotency: every method does the same thing once, however often it is called.
    """

    async def note(self, note: ErasureNote) -> None:
        """Write down how far an erasure is."""
        ...

    async def erase(self, order: ErasureOrder) -> ErasureOutcome:
        """Erase a person, or return what must be settled first."""
        ...

    async def alarm(self, order: ErasureOrder) -> None:
        """Tell staff that an erasure still waits."""
        ...
