"""Decides what becomes of one event, and tells those whom it concerns."""

from __future__ import annotations

import logging

from activities.payment_ports import ProviderEvent, ProviderEventKind
from activities.webhook_ports import (
    ChargebackNotHandled,
    Chargebacks,
    DeliveryNews,
    Surprises,
)
from domain.ids import CorrectionId, DeliveryId
from domain.provider_news import NewsState, PaymentNews, Stage, tells_what_is_known
from infra.webhooks.inbox import Claimed, Settlement
from infra.webhooks.matching import Concerned, Matching
from infra.webhooks.stages import GOES_OUT, fails_early, is_news, may_be_undone, stage_of

logger = logging.getLogger(__name__)

NOBODY = "nobody has to act on it"
KNOWN = "our own records show it already"
CLOSED = "the delivery is closed"
NOT_SETTLED = "its own operation is not settled yet"
NOBODY_WAITS = "no delivery waits for this account"
WAITING_FOR_CHARGEBACK = "waiting for chargeback: nothing here takes chargebacks yet"
NOT_OURS = "no operation of ours has this object"
NOT_RUNNING = "the delivery is open and its workflow is not running"


class NotYet(Exception):
    """The event cannot be settled now; later it can, or never."""


class Verdicts:
    """Settles events one at a time; nothing depends on their order."""

    def __init__(
        self,
        matching: Matching,
        deliveries: DeliveryNews,
        chargebacks: Chargebacks,
        surprises: Surprises,
    ) -> None:
        self._matching = matching
        self._deliveries = deliveries
        self._chargebacks = chargebacks
        self._surprises = surprises

    async def settle(self, claimed: Claimed) -> Settlement:
        """Tell whoever has to act on an event and return what became of it.

        Raises:
            NotYet: what it is about is not in our records yet, or cannot be told.
        Idempotency: whoever is told twice reads the same object twice.
        """
        event = claimed.event
        if not is_news(event):
            return Settlement(NewsState.SEEN, NOBODY, event.operation_id)
        concerned = await self._matching.operation(event)
        if event.kind is ProviderEventKind.DISPUTE:
            return await self._start_chargeback(claimed, concerned)
        if event.kind is ProviderEventKind.ACCOUNT or (concerned is None and event.account):
            return await self._tell_of_account(event)
        return await self._tell(event, _required(concerned))

    async def _start_chargeback(self, claimed: Claimed, charge: Concerned | None) -> Settlement:
        charge, dispute_id = _required(charge), claimed.event.object_id
        settled = (charge.operation_id, charge.delivery_id)
        try:
            await self._chargebacks.start_chargeback(
                claimed.provider, dispute_id, charge.operation_id
            )
        except ChargebackNotHandled:
            logger.warning("%s of %s is %s", claimed.event.name, dispute_id, WAITING_FOR_CHARGEBACK)
            return Settlement(NewsState.WAITING, WAITING_FOR_CHARGEBACK, *settled)
        return Settlement(NewsState.TOLD, "", *settled)

    async def _tell_of_account(self, event: ProviderEvent) -> Settlement:
        waiting = await self._matching.waiting_for(event.account or event.object_id)
        news = PaymentNews("", event.object_id)
        told = [each for each in waiting if await self._deliveries.tell(each, news)]
        if event.kind is ProviderEventKind.PAYOUT and stage_of(event.name) is Stage.UNDONE:
            await self._surprises.report_payout(event.account, event.object_id)
            return Settlement(NewsState.TOLD)
        if not told:
            return Settlement(NewsState.SEEN, NOBODY_WAITS)
        return Settlement(NewsState.TOLD, delivery_id=told[0] if len(told) == 1 else None)

    async def _tell(self, event: ProviderEvent, concerned: Concerned) -> Settlement:
        stage = stage_of(event.name)
        settled = (concerned.operation_id, concerned.delivery_id)
        if concerned.is_itself and tells_what_is_known(stage, concerned.state):
            return Settlement(NewsState.SEEN, KNOWN, *settled)
        if concerned.is_itself and await self._undoing(event, stage, concerned):
            return Settlement(NewsState.TOLD, "", *settled)
        if concerned.correction_id is not None:
            return await self._tell_correction(event, concerned, concerned.correction_id)
        if concerned.is_closed:
            return Settlement(NewsState.SEEN, CLOSED, *settled)
        news = PaymentNews(concerned.operation_id, event.object_id, stage is Stage.UNDONE)
        if not await self._deliveries.tell(concerned.delivery_id, news):
            return await self._closed_meanwhile(event)
        return Settlement(NewsState.TOLD, "", *settled)

    async def _undoing(self, event: ProviderEvent, stage: Stage, concerned: Concerned) -> bool:
        """Have what may have come undone read again; return whether nobody else has to know.

        Raises:
            NotYet: whether it had ever succeeded is being found out.
        """
        if fails_early(stage, concerned.kind, concerned.state):
            raise NotYet(NOT_SETTLED)
        if not may_be_undone(stage, concerned.kind, concerned.state):
            return False
        await self._surprises.start_undoing(concerned.operation_id, event.object_id)
        return concerned.kind in GOES_OUT or concerned.is_closed

    async def _tell_correction(
        self, event: ProviderEvent, concerned: Concerned, correction_id: CorrectionId
    ) -> Settlement:
        news = PaymentNews(concerned.operation_id, event.object_id)
        settled = (concerned.operation_id, concerned.delivery_id)
        if await self._surprises.tell_correction(correction_id, news):
            return Settlement(NewsState.TOLD, "", *settled)
        return Settlement(NewsState.SEEN, CLOSED, *settled)

    async def _closed_meanwhile(self, event: ProviderEvent) -> Settlement:
        concerned = _required(await self._matching.operation(event))
        if not concerned.is_closed:
            raise NotYet(NOT_RUNNING)
        settled = (concerned.operation_id, DeliveryId(concerned.delivery_id))
        return Settlement(NewsState.SEEN, CLOSED, *settled)


def _required(concerned: Concerned | None) -> Concerned:
    if concerned is None:
        raise NotYet(NOT_OURS)
    return concerned
