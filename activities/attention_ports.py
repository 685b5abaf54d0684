"""Where what people must look at is kept."""

from __future__ import annotations

from typing import Protocol

from domain.attention import AttentionItem
from domain.ids import PersonId


class AttentionItems(Protocol):
    """The list of what people must look at."""

    async def raise_item(self, item: AttentionItem) -> bool:
        """Put an item on the list; return whether it was not open before.

        Idempotency: an open item with the same key is only noted as seen again, in its latest words.
        One that was settled is opened again: what was wrong is wrong still.
        """
        ...

    async def settle_item(self, key: str, by: PersonId | None, text: str) -> bool:
        """Take an item off the list, saying why; return whether it was open.

        `by` is none when the platform found out by itself that there is nothing left to do.
        Idempotency: an item that is settled keeps who settled it, and the words.
        """
        ...
