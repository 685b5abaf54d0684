"""Takes one message of a provider in: proved first, stored second, never read further."""

from __future__ import annotations

from collections.abc import Mapping

from activities.payment_ports import WebhookOfOtherMode, WebhookRefused
from activities.webhook_ports import WebhookReader
from infra.webhooks.inbox import Inbox


class Intake:
    """The way of webhooks into the inbox."""

    def __init__(self, inbox: Inbox, readers: Mapping[str, WebhookReader]) -> None:
        """`readers` holds one reader per provider whose messages are taken."""
        self._inbox = inbox
        self._readers = readers

    async def take(self, provider: str, body: bytes, headers: Mapping[str, str]) -> bool:
        """Store the event of one message and return whether it was new.

        An event of the provider's other mode is genuine, taken and not kept.

        Raises:
            WebhookRefused: the message does not prove that the provider sent it just now.
        Idempotency: an event that is known is left as it is.
        """
        reader = self._readers.get(provider)
        if reader is None:
            raise WebhookRefused("No messages of this provider are taken here.")
        try:
            event = reader.parse_webhook(body, headers)
        except WebhookOfOtherMode:
            # Stripe sends both modes to an endpoint for travelers' accounts, and goes on until each
            # message is taken.
            return False
        return await self._inbox.receive(provider, [event], "webhook") == 1
