"""Activities that write corrections: run as local activities, one database transaction each."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from temporalio import activity

from activities.correction_ports import Corrections
from activities.records import refusals_are_final
from domain.attention import AttentionItem
from domain.correcting.events import Correction
from domain.correcting.rules import CorrectionOrder, DeliveryMoney
from domain.ids import DeliveryId, PersonId
from domain.money import Money
from domain.transitions import LateEvent, PaymentIntent


class CorrectionActivities:
    """Reads what a correction depends on and writes what becomes of it."""

    def __init__(self, corrections: Corrections) -> None:
        self._corrections = corrections

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """Return every activity, for a worker."""
        return (
            self.read_delivery_money,
            self.order_correction,
            self.note_correction,
            self.give_up_again,
            self.left_to_refund,
            self.raise_item,
            self.settle_item,
        )

    @activity.defn
    async def read_delivery_money(self, delivery_id: DeliveryId) -> DeliveryMoney:
        """Return what the books say of a delivery's money now."""
        return await self._corrections.money_of(delivery_id)

    @activity.defn
    async def order_correction(
        self, order: CorrectionOrder, opening: LateEvent, reversal: Money
    ) -> None:
        """Write a correction, unless the books refuse its amount; again changes nothing."""
        with refusals_are_final():
            await self._corrections.order(order, opening, reversal)

    @activity.defn
    async def note_correction(
        self, late: LateEvent, item: AttentionItem | None, given_up: str
    ) -> None:
        """Write an event of a correction with what people must look at; again changes nothing."""
        with refusals_are_final():
            await self._corrections.note(late, item, given_up)

    @activity.defn
    async def give_up_again(self, late: LateEvent, correction: Correction) -> None:
        """Write that something is not given again, unless its money is there; again changes nothing."""
        with refusals_are_final():
            await self._corrections.give_up_again(late, correction)

    @activity.defn
    async def left_to_refund(self, intent: PaymentIntent) -> Money:
        """Return how much of a refund that was never sent is still held for it."""
        return await self._corrections.left_to_refund(intent)

    @activity.defn
    async def raise_item(self, item: AttentionItem) -> None:
        """Put something on the list of what people must look at; again changes nothing."""
        await self._corrections.raise_item(item)

    @activity.defn
    async def settle_item(self, key: str, by: PersonId | None, text: str) -> None:
        """Take what people had to look at off their list; again changes nothing."""
        await self._corrections.settle_item(key, by, text)
