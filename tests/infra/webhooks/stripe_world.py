"""Deliveries on the real database whose money moves at the Stripe stand-in, for events about them."""

from __future__ import annotations

from dataclasses import dataclass

import stripe
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import Operation, ProviderAnswer
from domain.transitions import OperationKind, PaymentIntent, PaymentOutcome
from infra.database.schema import person
from infra.payments.stripe_onboarding import StripeOnboarding
from infra.payments.stripe_provider import StripeProvider
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import FEE, PRICE, Story
from tests.stripe_stand_in import StripeStandIn
from tests.stripe_stand_in.payments import paid_charge

SETTLES_AT_ONCE = "pm_card_bypassPending"


@dataclass
class StripeWorld:
    """Brings deliveries to where a test wants them, at the provider and in our records."""

    engine: AsyncEngine
    stand_in: StripeStandIn
    client: stripe.StripeClient

    def __post_init__(self) -> None:
        self.provider = StripeProvider(self.client)
        self.onboarding = StripeOnboarding(self.client)

    async def play(self) -> None:
        """Let happen what can happen: one delivery each for the ways that money goes."""
        await self.authenticated()
        await self.declined()
        await self.carried_and_charged_back()
        await self.refund_that_fails_late()
        await self.release_that_waits()
        await self.refunded_by_hand()
        await paid_charge(self.client, metadata={}, transfer_group="of_another_shop")

    async def authenticated(self) -> Story:
        """The bank asks the cardholder, who answers while nobody of ours listens."""
        story, answer = await self._charged("pm_card_threeDSecureRequired")
        assert answer.outcome is PaymentOutcome.REQUIRES_ACTION
        self.stand_in.world.authenticate(answer.provider_id)
        return story

    async def declined(self) -> Story:
        """The bank declines, and the answer is recorded."""
        story, answer = await self._charged("pm_card_visa_chargeDeclinedInsufficientFunds")
        assert answer.outcome is PaymentOutcome.DECLINED
        return story

    async def held(self, method: str = SETTLES_AT_ONCE) -> Story:
        """The payment is held."""
        story, answer = await self._charged(method)
        assert answer.outcome is PaymentOutcome.SUCCEEDED
        await story.hold()
        return story

    async def carried_and_charged_back(self) -> Story:
        """All goes well to the payout; then the cardholder complains, and the bank decides."""
        story = await self.held()
        await story.deliver()
        await story.begin_release()
        account = await self.account()
        transfer = self._operation(story, story.transfer_intent())
        made = await self.provider.transfer(transfer, PRICE - FEE, account)
        story.made[transfer.operation_id] = made.provider_id
        await story.transfer()
        await story.pay_out()
        self.stand_in.world.pay_out_everything(account)
        (charge,) = self.stand_in.view.moved(delivery_id=str(story.delivery_id)).charges
        dispute = self.stand_in.world.open_dispute(charge["id"])
        self.stand_in.world.rule_dispute(dispute["id"], won=False)
        return story

    async def refund_that_fails_late(self) -> Story:
        """A refund is booked and the delivery closes; then the bank sends the money back."""
        story = await self.held("pm_card_pendingRefund")
        await story.begin_refund()
        refund = self._operation(story, story.refund_intent())
        made = await self.provider.refund(refund, PRICE)
        story.made[refund.operation_id] = made.provider_id
        await story.refund()
        self.stand_in.world.fail_refund(made.provider_id)
        return story

    async def release_that_waits(self) -> Story:
        """A release waits for an account that was restricted and is set up again."""
        story = await self.held()
        await story.deliver()
        account = await self.account()
        async with self.engine.begin() as connection:
            known = update(person).where(person.c.person_id == story.traveler_id)
            await connection.execute(known.values(payout_account=account))
        self.stand_in.world.restrict_account(account)
        await story.begin_release()
        self.stand_in.world.complete_onboarding(account)
        return story

    async def refunded_by_hand(self) -> Story:
        """Somebody refunds a part of a held payment in Stripe's own pages."""
        story = await self.held()
        await self.client.v1.refunds.create_async(
            {"payment_intent": story.made[story.charge.operation_id], "amount": 100}
        )
        return story

    async def account(self) -> str:
        """Return a traveler's account that can be sent money."""
        account = await self.onboarding.open_account("traveler", "ES", "EUR")
        self.stand_in.world.complete_onboarding(account)
        return account

    async def _charged(self, method: str) -> tuple[Story, ProviderAnswer]:
        story = await begin_story(self.engine)
        await story.open()
        await story.agree()
        await story.operations.mark_sent(story.charge)
        answer = await self.provider.charge(self._operation(story, story.charge), PRICE, method)
        if answer.outcome is PaymentOutcome.SUCCEEDED:
            story.made[story.charge.operation_id] = answer.provider_id
        else:
            await story.operations.finish(
                story.charge, answer.outcome, answer.provider_id, (), None
            )
        return story, answer

    @staticmethod
    def _operation(story: Story, intent: PaymentIntent) -> Operation:
        source = None
        if intent.source_operation_id:
            charge_id = intent.source_operation_id
            source = Operation(
                OperationKind.CHARGE, charge_id, provider_id=story.made.get(charge_id, "")
            )
        return Operation(intent.kind, intent.operation_id, source)
