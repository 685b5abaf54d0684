"""Sends text messages until a cap on spending is reached, and says loudly when it is."""

from __future__ import annotations

import hmac
import logging
from hashlib import sha256

from sqlalchemy.exc import SQLAlchemyError

from activities.ports import MessageRefused, MessageSender, MessageUnavailable, OutgoingMessage
from domain.identity.spending import SmsCaps
from infra.rate_buckets import Asked, RateBuckets

logger = logging.getLogger(__name__)


class CappedMessages:
    """A sender of text messages with a cap for each number, each country and everybody.

    The number stands in its bucket as a keyed hash only. While the buckets cannot be reached nothing
    is sent: the message stays in the outbox and is tried again.
    """

    def __init__(
        self, sender: MessageSender, buckets: RateBuckets, caps: SmsCaps, key: bytes
    ) -> None:
        self._sender = sender
        self._buckets = buckets
        self._caps = caps
        self._key = key

    @property
    def takes_once(self) -> bool:
        """What the sender behind the caps promises."""
        return self._sender.takes_once

    async def send(self, message: OutgoingMessage) -> str:
        """Send one message.

        Raises:
            MessageRefused: `sms_cap_reached`, with the cap that it is.
            MessageUnavailable: nobody can count.
        """
        hidden = hmac.digest(self._key, message.to.encode(), sha256).hex()
        buckets = {
            name.replace(message.to, hidden): bucket
            for name, bucket in self._caps.buckets(message.to)
        }
        asked = [Asked(name, bucket) for name, bucket in buckets.items()]
        try:
            granted = await self._buckets.take(asked, None)
        except (SQLAlchemyError, OSError) as error:
            raise MessageUnavailable("what is spent on messages cannot be counted") from error
        for name in buckets:
            if granted[name].tokens == 0:
                cap = name.removeprefix("sms:").removesuffix(f":{hidden}")
                logger.error("text messages have reached their cap: %s", cap)
                raise MessageRefused(f"sms_cap_reached: {cap}")
        return await self._sender.send(message)
