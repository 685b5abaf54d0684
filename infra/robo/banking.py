"""The customer's bank at the sandbox's card network: it asks, takes back and decides."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderEvent, ProviderRefused
from domain.transitions import OperationKind
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_events import event_of
from infra.payments.sandbox_network import SandboxCardNetwork
from infra.webhooks.inbox import Inbox

CARD_DISPUTE = "card_dispute"
"""Under this name the bank's dispute is kept."""


class RobotBank:
    """Plays one bank; the platform hears of it by events, as by webhooks."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._network, self._inbox = SandboxCardNetwork(engine), Inbox(engine)

    async def play(self, what: str, memory: MutableMapping[str, str]) -> None:
        """Do what a step says.

        Raises:
            ProviderRefused: there is nothing that could move like this.
        """
        if what in ("inquire", "take"):
            if CARD_DISPUTE in memory:
                return
            charge_id, _ = await self._network.charge_of(memory["delivery"])
            opens = (
                self._network.open_inquiry if what == "inquire" else self._network.open_chargeback
            )
            events = await opens(charge_id)
            memory[CARD_DISPUTE] = events[0].object_id
        elif what == "lapse":
            events = await self._lapse(memory["delivery"])
        else:
            dispute_id = memory[CARD_DISPUTE]
            if what == "escalate":
                events = await self._network.escalate(dispute_id)
            elif what == "close":
                events = await self._network.close_inquiry(dispute_id)
            elif what in ("win", "lose"):
                events = await self._network.decide(dispute_id, won=what == "win")
            else:
                raise ProviderRefused(f"A bank does nothing called {what}.")
        await self._inbox.receive("sandbox", events, "webhook")

    async def _lapse(self, delivery_id: str) -> Sequence[ProviderEvent]:
        provider = SandboxProvider(self._engine)
        reserved = [
            each
            for each in await provider.objects(delivery_id)
            if each.kind is OperationKind.AUTHORISE
        ]
        for each in reserved:
            await provider.lapse(each.operation_id)
        now = datetime.now(UTC).replace(microsecond=0)
        gone = {each.operation_id for each in reserved}
        objects = await provider.objects(delivery_id)
        return [event_of(each, now) for each in objects if each.operation_id in gone]
