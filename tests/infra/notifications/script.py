"""A sender that plays a script, for what the outbox does with each answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import MessageSender, OutgoingMessage
from domain.messages import Channel
from domain.policies import RetryPolicyFigures
from infra.notifications.outbox import DatabaseOutbox
from tests.infra.notifications.conftest import LINKS
from tests.keys import ENCRYPTION

RETRIES = RetryPolicyFigures(tries_max=3)


@dataclass
class ScriptedSender:
    """Raises what the script says, then takes everything; `gate` holds calls back."""

    script: list[Exception] = field(default_factory=list)
    sent: list[OutgoingMessage] = field(default_factory=list)
    calls: int = 0
    under_way: int = 0
    most_under_way: int = 0
    gate: asyncio.Event | None = None
    takes_once: bool = False
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, message: OutgoingMessage) -> str:
        self.calls += 1
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        self.entered.set()
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.script:
                raise self.script.pop(0)
        finally:
            self.under_way -= 1
        self.sent.append(message)
        return f"provider-{message.message_id}"


def outbox_of(
    engine: AsyncEngine,
    sender: MessageSender,
    *,
    by_channel: Mapping[Channel, MessageSender] | None = None,
) -> DatabaseOutbox:
    """Return an outbox whose channels all lead to one sender."""
    senders = by_channel or dict.fromkeys(Channel, sender)
    return DatabaseOutbox(engine, senders, LINKS, RETRIES, keys=ENCRYPTION.keys)
