"""Waiting while a chargeback has frozen the payment, and going on with what it leaves."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.base import DeliveryStage

with workflow.unsafe.imports_passed_through():
    from domain.chargebacks import ChargebackNews, ChargebackStatus
    from domain.contracts import PLATFORM, DeliveryOrder
    from domain.correcting.remainders import rest_after
    from domain.deadlines import DeadlineKind
    from domain.details import chargeback_rows
    from domain.ids import ChargebackId
    from domain.money import Money
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind, OperationKind, PaymentIntent


class FrozenStage(DeliveryStage):
    """From a movement that a chargeback keeps back to one that may go on, or to the close."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.chargebacks: dict[ChargebackId, ChargebackNews] = {}
        self.chargeback_news = 0
        self.freezes = 0
        self.share_is_refunded = False
        self.taken_before = Money(0, order.currency)

    @workflow.signal(description="A chargeback of this delivery's payment has moved.")
    def chargeback_moved(self, news: ChargebackNews) -> None:
        """Remember how a chargeback stands; the settlement looks at it when its turn comes."""
        self.chargebacks[news.chargeback_id] = news
        self.chargeback_news += 1
        self.stand(self.standing)

    def details(self) -> str:
        """Return the markdown table of the present state, with the chargebacks there are."""
        return super().details() + chargeback_rows(self.chargebacks.values())

    async def settle_giver(self) -> None:
        """Pay whoever is still to be paid before the delivery closes; nobody is here."""

    @property
    def newly_taken(self) -> Money:
        """What lost chargebacks took of the held payment and the settlement does not know of yet."""
        taken = Money(0, self.order.currency)
        for news in self.chargebacks.values():
            if news.status == ChargebackStatus.LOST and news.taken_from_held is not None:
                taken = taken + news.taken_from_held
        return taken - self.taken_before

    @property
    def is_lost(self) -> bool:
        """Whether a chargeback was lost and none is left that could still be won."""
        found = {news.status for news in self.chargebacks.values()}
        return ChargebackStatus.LOST in found and ChargebackStatus.OPEN not in found

    async def await_chargeback(self, frozen: PaymentIntent, news_seen: int) -> None:
        """Say that a movement is frozen, then wait for news of the chargeback or to look again.

        `news_seen` is how much news there was before the movement was refused.
        """
        due_at = self.standing.deadline_at
        is_armed = self.standing.deadline_kind == DeadlineKind.CHARGEBACK
        if not is_armed or due_at is None or workflow.now() >= due_at:
            await self._freeze(frozen)
        await self.wait_until_due(lambda: self.chargeback_news > news_seen)

    async def go_on_with_rest(self, planned: PaymentIntent) -> None:
        """Replace what was planned by what a lost chargeback has left, or close when that is nothing.

        `planned` is surely not at the provider.
        """
        taken, nothing = self.newly_taken, Money(0, self.order.currency)
        to_refund = nothing if self.share_is_refunded else self.to_refund or nothing
        to_release = self.to_release or nothing
        refund, release = rest_after(to_refund, to_release, taken)
        left = refund + release - (self.given or nothing)
        if left.amount_minor <= 0:
            await self.settle_giver()
        async with self.turn:
            if left.amount_minor > 0:
                await self._reduce(planned, taken, refund, release)
            else:
                await self._close_charged_back(planned, taken)
            self.taken_before = self.taken_before + taken

    async def _freeze(self, frozen: PaymentIntent) -> None:
        self.freezes += 1
        due_at = self.due_in(self.policies.windows.chargeback_review_s)
        is_first = self.freezes == 1
        async with self.turn:
            await self.record(
                self.transition(
                    EventKind.RELEASE_FROZEN if is_first else EventKind.RELEASE_STILL_FROZEN,
                    f"release_frozen:{self.freezes}",
                    PLATFORM,
                    self.armed(self.status, DeadlineKind.CHARGEBACK, due_at),
                    facts={"amount": str(frozen.amount), "frozen": frozen.kind},
                )
            )

    async def _reduce(
        self, planned: PaymentIntent, taken: Money, refund: Money, release: Money
    ) -> None:
        self.settlement_round += 1
        next_intent = (
            self.intent(OperationKind.REFUND, refund)
            if refund.amount_minor
            else self.transfer_intent(release)
        )
        await self.record(
            self.transition(
                EventKind.HELD_REDUCED,
                f"held_reduced:{self.settlement_round}",
                PLATFORM,
                self.moving(self.status, EscrowStatus(self.standing.escrow)),
                facts={"amount": str(taken), "refund": str(refund), "release": str(release)},
                intent=next_intent,
                supersedes=planned.operation_id,
            )
        )
        self.to_refund, self.to_release = refund, release

    async def _close_charged_back(self, planned: PaymentIntent, taken: Money) -> None:
        await self.record(
            self.transition(
                EventKind.CHARGED_BACK,
                "charged_back",
                PLATFORM,
                self.armed(DeliveryStatus.CHARGED_BACK, escrow=EscrowStatus.CHARGED_BACK),
                facts={"amount": str(taken)},
                supersedes=planned.operation_id,
            )
        )
