"""`sendalong messages`: what people would have got by phone or mail."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.cli.connection import with_database
from infra.database.schema import notification, stored_message
from infra.local_stack.errors import StackError


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message as the person would have read it."""

    audience: str
    """In which capacity the person was told."""
    channel: str
    address: str
    subject: str
    body: str


def run(options: argparse.Namespace) -> int:
    """Print the stored messages about one delivery or at one address, oldest first."""
    chosen = _chosen(options)
    messages = with_database(options, lambda engine: stored_messages(engine, chosen))
    for message in messages:
        print(f"{message.channel} to {message.audience} at {message.address}: {message.subject}")
        print(f"    {message.body.strip()}".replace("\n", "\n    "))
    if not messages:
        print("No message is stored about this delivery or at this address.")
    return 0


def _chosen(options: argparse.Namespace) -> ColumnElement[bool]:
    """Return which messages are meant.

    Raises:
        StackError: what should be the id of a delivery is none.
    """
    if options.to:
        return stored_message.c.address.in_([options.to])
    try:
        return notification.c.delivery_id.in_([str(UUID(options.delivery))])
    except ValueError as error:
        raise StackError(f"{options.delivery} is no id of a delivery.") from error


async def stored_messages(engine: AsyncEngine, chosen: ColumnElement[bool]) -> list[StoredMessage]:
    """Return the chosen stored messages, oldest first."""
    query = (
        select(
            notification.c.audience,
            stored_message.c.channel,
            stored_message.c.address,
            stored_message.c.subject,
            stored_message.c.body,
        )
        .join(stored_message, stored_message.c.message_id == notification.c.notification_id)
        .where(chosen)
        .order_by(notification.c.event_sequence, stored_message.c.stored_at)
    )
    async with engine.connect() as connection:
        return [StoredMessage(*row) for row in await connection.execute(query)]
