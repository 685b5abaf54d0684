"""The customer's bank in the demo: it takes a payment back and tells the platform of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import OutcomeUnknown, ProviderUnavailable
from infra.payments.parts import payment_parts
from infra.payments.sandbox_network import SandboxCardNetwork
from infra.settings import Settings
from infra.webhooks.catching_up import CatchingUp
from infra.webhooks.inbox import Inbox

LOOK_AGAIN_S = 0.5
"""Pause between two looks into the provider's list of events."""


class Bank(Protocol):
    """Whoever issued the customer's card."""

    async def charge_back(self, delivery_id: str) -> None:
        """Take the payment of a delivery back, after the traveler was paid."""
        ...


class SandboxBank:
    """Complains by the sandbox's card network."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._network, self._inbox = SandboxCardNetwork(engine), Inbox(engine)

    async def charge_back(self, delivery_id: str) -> None:
        """Take the payment back and deliver the events, as webhooks would."""
        events = await self._network.open_chargeback(f"{delivery_id}:charge:1")
        await self._inbox.receive("sandbox", events, "webhook")


class ScriptedBank:
    """Complains by itself: the test card is made for it."""

    async def charge_back(self, delivery_id: str) -> None:
        """Do nothing."""


@asynccontextmanager
async def bank_of(engine: AsyncEngine, settings: Settings) -> AsyncIterator[Bank]:
    """Return the bank, and read the provider's list of events while it is needed.

    No webhook of a provider finds its way to a machine behind a router.
    """
    parts = payment_parts(engine, settings)
    try:
        if parts.events is None:
            yield SandboxBank(engine)
            return
        listing = CatchingUp(engine, parts.provider.capabilities.name, parts.events)
        reading = asyncio.create_task(_read_again_and_again(listing))
        try:
            yield ScriptedBank()
        finally:
            reading.cancel()
            await asyncio.wait({reading})
    finally:
        await parts.close()


async def _read_again_and_again(listing: CatchingUp) -> None:
    while True:
        with suppress(ProviderUnavailable, OutcomeUnknown):
            await listing.run()
        await asyncio.sleep(LOOK_AGAIN_S)
