"""The simulated sender: it keeps messages in the database, as a phone keeps them in its inbox."""

from __future__ import annotations

import logging

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import MessageUnavailable, OutgoingMessage
from domain.messages import Channel
from infra.database.schema import stored_message

logger = logging.getLogger(__name__)


class StoredMessages:
    """A `MessageSender` that stores and logs.

    Idempotency: a message that is stored already is left as it is.
    """

    takes_once = True

    def __init__(self, engine: AsyncEngine, channel: Channel) -> None:
        self._engine = engine
        self._channel = channel

    async def send(self, message: OutgoingMessage) -> str:
        """Store one message and return its own id."""
        row = {
            "message_id": message.message_id,
            "channel": self._channel,
            "address": message.to,
            "subject": message.subject,
            "body": message.body,
        }
        try:
            async with self._engine.begin() as connection:
                await connection.execute(
                    insert(stored_message).values(row).on_conflict_do_nothing()
                )
        except (OperationalError, InterfaceError, NoFreeConnection):
            # Storing the same message again changes nothing, so that trying again is safe.
            raise MessageUnavailable("the store was not reached") from None
        logger.info("stored message %s for %s", message.message_id, self._channel)
        return message.message_id
