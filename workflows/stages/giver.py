"""What the first traveler of a relay earns: paid beside the second one, and in nobody's way."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow

from workflows.money import StepFailed, StepHeldBack, StepSkipped
from workflows.stages.account import AccountStage
from workflows.stages.frozen import FrozenStage
from workflows.steps import PAY_OUT_GIVER, RELEASE_GIVER_SHARE, OnFailure, Step

with workflow.unsafe.imports_passed_through():
    from activities.payment_errors import ACCOUNT_NOT_READY
    from domain.contracts import PLATFORM, DeliveryOrder, Standing
    from domain.errors import RefusalCode
    from domain.journey.relay import Relay, giver_share
    from domain.messages import TRAVELERS
    from domain.money import Money
    from domain.pricing import price_shares
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import (
        EventKind,
        MoneyCommand,
        OperationKind,
        PaymentIntent,
        PaymentOutcome,
    )

_NOT_SENT = frozenset({ACCOUNT_NOT_READY, RefusalCode.CHARGEBACK_OPEN})
"""Failures after which the provider surely has nothing of a transfer."""


class GiverStage(AccountStage, FrozenStage):
    """Tries to pay the giver first; what fails is put off until the taker is paid, and parked then."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.is_giver_settled = False
        self.is_giver_put_off = False
        self.is_taker_paid = False
        self.giver_intent: PaymentIntent | None = None
        self.giver_intents = 0
        self.may_replace_giver_intent = True
        self.taken_from_giver = Money(0, order.currency)

    @property
    def giver(self) -> Relay | None:
        """Return the relay whose giver is still to be paid, if there is one."""
        return None if self.is_giver_settled else self.relays.handed_on

    @property
    def closed_status(self) -> DeliveryStatus:
        """How the delivery closes once everybody is paid."""
        split = self.standing.escrow == EscrowStatus.SPLIT
        closed = DeliveryStatus.SETTLED if split else DeliveryStatus.COMPLETED
        return DeliveryStatus.CANCELLED if self.kept is not None else closed

    def after_payout(self) -> Standing:
        """Return the standing once the traveler is paid: closed, unless the giver still waits."""
        if self.giver is not None:
            return self._on_the_way()
        return self.armed(self.closed_status)

    async def try_giver(self) -> None:
        """Pay the giver unless something is in the way; then it is put off."""
        relay = self.giver
        if relay is None or self.is_giver_put_off or self.newly_taken.amount_minor > 0:
            return
        try:
            await self._pay_giver(relay, OnFailure.COMPENSATE)
        except StepFailed as failure:
            self.may_replace_giver_intent = failure.reason in _NOT_SENT
            self.is_giver_put_off = True

    async def learn_of_giver(self, on_failure: OnFailure = OnFailure.COMPENSATE) -> None:
        """Learn whether a share that failed went out after all; one that did not is free again.

        What stays set aside for it would be kept from a chargeback, and then from both travelers.
        """
        relay, intent = self.giver, self.giver_intent
        is_known = self.given is not None or self.may_replace_giver_intent
        if relay is None or intent is None or is_known or not workflow.patched("giver-looked-for"):
            return
        command = replace(self._release_command(relay, intent), only_look_up=True)
        try:
            moved = await self.move(_with(RELEASE_GIVER_SHARE, on_failure), command)
        except (StepSkipped, StepHeldBack):
            self.may_replace_giver_intent = True
        except StepFailed as failure:
            self.may_replace_giver_intent = failure.reason in _NOT_SENT
        else:
            is_done = moved.outcome is PaymentOutcome.SUCCEEDED
            self.given = intent.amount if is_done else None

    async def settle_giver(self) -> None:
        """Pay the giver whatever it takes, now that nobody else waits for it."""
        while (relay := self.giver) is not None:
            self._cut()
            account_news, chargeback_news = self.account_news, self.chargeback_news
            try:
                await self._pay_giver(relay, OnFailure.PARK)
            except StepHeldBack as held_back:
                self.may_replace_giver_intent = True
                assert self.giver_intent is not None, "something was asked for"
                if held_back.reason == ACCOUNT_NOT_READY:
                    told = {TRAVELERS: str(relay.giver_id)}
                    await self.await_account(self.giver_intent.amount, account_news, told)
                elif self.newly_taken.amount_minor <= 0:
                    await self.await_chargeback(self.giver_intent, chargeback_news)
            except StepSkipped:
                await self._close_giver(relay, EventKind.GIVER_PAYOUT_SKIPPED)

    def _cut(self) -> None:
        """Take over what a chargeback took of the held payment since the taker was paid."""
        taken = self.newly_taken
        if taken.amount_minor > 0:
            self.taken_from_giver += taken
            self.taken_before += taken

    async def _pay_giver(self, relay: Relay, on_failure: OnFailure) -> None:
        if self.given is None:
            share = self._share(relay)
            if share.amount_minor <= 0:
                await self._leave_empty(relay)
                return
            await self._release_to_giver(relay, share, _with(RELEASE_GIVER_SHARE, on_failure))
        await self._send_to_bank_of(relay, _with(PAY_OUT_GIVER, on_failure))

    def _share(self, relay: Relay) -> Money:
        if self.giver_intent is not None and not self.may_replace_giver_intent:
            return self.giver_intent.amount
        earned = price_shares(self.policies.fees, self.to_release or self.held).traveler
        return giver_share(earned, relay.share_points) - self.taken_from_giver

    async def _leave_empty(self, relay: Relay) -> None:
        """Go on without a share: it was too small, or a chargeback took it."""
        if self.is_taker_paid:
            await self._close_giver(relay, EventKind.GIVER_SHARE_TAKEN)
        self.is_giver_settled = True

    async def _release_to_giver(self, relay: Relay, share: Money, step: Step) -> None:
        intent = await self._asked_for(relay, share)
        await self.move(step, self._release_command(relay, intent))
        self.given = share

    def _release_command(self, relay: Relay, intent: PaymentIntent) -> MoneyCommand:
        released = self.transition(
            EventKind.GIVER_SHARE_RELEASED,
            "giver_share_released",
            PLATFORM,
            self._on_the_way(),
            facts=_facts(relay, intent.amount),
            intent=self._payout_to(relay, intent.amount),
        )
        return MoneyCommand(self.delivery_id, intent, released, payee_id=relay.giver_id)

    async def _asked_for(self, relay: Relay, share: Money) -> PaymentIntent:
        """Write down what is asked for, unless it is written already."""
        known = self.giver_intent
        if known is not None and known.amount == share:
            return known
        self.giver_intents += 1
        suffix = f":{self.giver_intents}" if self.giver_intents > 1 else ""
        intent = PaymentIntent(
            f"{self.delivery_id}:{OperationKind.TRANSFER}:giver{suffix}",
            OperationKind.TRANSFER,
            share,
            method=relay.giver_account,
            source_operation_id=self.charge_id,
        )
        async with self.turn:
            await self.record(
                self.transition(
                    EventKind.GIVER_SHARE_STARTED,
                    f"giver_share_started:{self.giver_intents}",
                    PLATFORM,
                    self._on_the_way(),
                    facts=_facts(relay, share),
                    intent=intent,
                    supersedes=known.operation_id if known else "",
                )
            )
        self.giver_intent = intent
        return intent

    async def _send_to_bank_of(self, relay: Relay, step: Step) -> None:
        assert self.given is not None, "it was transferred before"
        paid_out = self.transition(
            EventKind.GIVER_PAID_OUT,
            "giver_paid_out",
            PLATFORM,
            self._after_giver(),
            facts=_facts(relay, self.given),
        )
        command = MoneyCommand(
            self.delivery_id,
            self._payout_to(relay, self.given),
            paid_out,
            despite_dues=True,
            payee_id=relay.giver_id,
        )
        await self.move(step, command)
        self.is_giver_settled = True

    async def _close_giver(self, relay: Relay, event: EventKind) -> None:
        """Write down that nothing more is paid to the giver."""
        nothing_sent = self.giver_intent if self.given is None else None
        amount = self.given or self.taken_from_giver
        async with self.turn:
            await self.record(
                self.transition(
                    event,
                    event,
                    PLATFORM,
                    self._after_giver(),
                    facts=_facts(relay, amount),
                    supersedes=nothing_sent.operation_id if nothing_sent else "",
                )
            )
        self.is_giver_settled = True

    def _payout_to(self, relay: Relay, share: Money) -> PaymentIntent:
        return PaymentIntent(
            f"{self.delivery_id}:{OperationKind.PAYOUT}:giver",
            OperationKind.PAYOUT,
            share,
            method=relay.giver_account,
        )

    def _on_the_way(self) -> Standing:
        return self.moving(self.status, EscrowStatus(self.standing.escrow))

    def _after_giver(self) -> Standing:
        return self.armed(self.closed_status) if self.is_taker_paid else self._on_the_way()


def _with(step: Step, on_failure: OnFailure) -> Step:
    return step if on_failure is step.on_failure else replace(step, on_failure=on_failure)


def _facts(relay: Relay, amount: Money) -> dict[str, str]:
    return {"amount": str(amount), TRAVELERS: relay.giver_id}
