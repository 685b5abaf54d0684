"""Offer stage: travelers name their price, the customer accepts one."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow

from workflows.stages.base import DeliveryStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        PLATFORM,
        AcceptOffer,
        Actor,
        CounterOffer,
        Role,
        Standing,
        SubmitOffer,
        WithdrawOffer,
    )
    from domain.ids import PersonId
    from domain.lifecycle import (
        check_accept_offer,
        check_counter_offer,
        check_submit_offer,
        check_withdraw_offer,
    )
    from domain.money import Money
    from domain.status import DeliveryStatus, EscrowStatus, OfferStatus
    from domain.transitions import EventKind, OfferChange, PaymentIntent


class OfferStage(DeliveryStage):
    """From the request to an accepted offer."""

    @workflow.update(description="A traveler offers to carry the parcel for a price.")
    async def submit_offer(self, command: SubmitOffer) -> Standing:
        """Make an offer."""
        async with self.command(lambda: check_submit_offer(self.state, command)):
            await self._change_offer(
                EventKind.OFFER_SUBMITTED,
                command.actor,
                OfferChange(
                    command.offer_id,
                    PersonId(command.actor.person_id or ""),
                    OfferStatus.OPEN,
                    Money(command.price_minor, self.order.currency),
                    Role.TRAVELER,
                ),
            )
        return self.standing

    @submit_offer.validator
    def _may_submit_offer(self, command: SubmitOffer) -> None:
        self.admit(lambda: check_submit_offer(self.state, command))

    @workflow.update(description="Either side of an open offer names another price.")
    async def counter_offer(self, command: CounterOffer) -> Standing:
        """Revise the price of an open offer; the other side answers next."""
        async with self.command(lambda: check_counter_offer(self.state, command)):
            by_customer = command.actor.person_id == self.order.customer_id
            await self._change_offer(
                EventKind.OFFER_COUNTERED,
                command.actor,
                replace(
                    self.state.offers[command.offer_id],
                    price=Money(command.price_minor, self.order.currency),
                    proposed_by=Role.CUSTOMER if by_customer else Role.TRAVELER,
                ),
            )
        return self.standing

    @counter_offer.validator
    def _may_counter_offer(self, command: CounterOffer) -> None:
        self.admit(lambda: check_counter_offer(self.state, command))

    @workflow.update(description="A traveler takes an open offer back.")
    async def withdraw_offer(self, command: WithdrawOffer) -> Standing:
        """Take an offer back."""
        async with self.command(lambda: check_withdraw_offer(self.state, command)):
            offer = replace(self.state.offers[command.offer_id], status=OfferStatus.WITHDRAWN)
            await self._change_offer(EventKind.OFFER_WITHDRAWN, command.actor, offer)
        return self.standing

    @withdraw_offer.validator
    def _may_withdraw_offer(self, command: WithdrawOffer) -> None:
        self.admit(lambda: check_withdraw_offer(self.state, command))

    @workflow.update(description="The customer accepts an offer; the payment is held next.")
    async def accept_offer(self, command: AcceptOffer) -> Standing:
        """Accept one offer and refuse the others."""
        async with self.command(lambda: check_accept_offer(self.state, command)):
            offer = self.state.offers[command.offer_id]
            offers = self._closed_offers(accepted=command)
            self.state.accepted, self.state.accepted_at = command, workflow.now()
            self.charge_attempt += 1
            self.state.charges_tried += 1
            self.hold_kind = self.hold_by_horizon()
            await self.record(
                self.transition(
                    EventKind.OFFER_ACCEPTED,
                    "offer_accepted",
                    command.actor,
                    replace(
                        self.moving(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING),
                        traveler_id=offer.traveler_id,
                        price=offer.price,
                    ),
                    facts={"price": str(offer.price)},
                    offers=offers,
                    intent=PaymentIntent(
                        self.hold_id, self.hold_kind, offer.price, command.payment_method
                    ),
                )
            )
            self.state.offers.update({change.offer_id: change for change in offers})
        return self.standing

    @accept_offer.validator
    def _may_accept_offer(self, command: AcceptOffer) -> None:
        self.admit(lambda: check_accept_offer(self.state, command))

    async def agree_on_offer(self) -> None:
        """Wait for an accepted offer; otherwise the request expires."""
        await self.wait_or_default(
            lambda: self.status is not DeliveryStatus.REQUESTED or self.stop_requested,
            self._expire,
        )
        async with self.turn:
            if self.status is DeliveryStatus.REQUESTED and self.stop_requested:
                await self.close_request(EventKind.CANCELLED, Actor(Role.OPERATOR), "stopped")

    async def close_request(self, event: EventKind, actor: Actor, reason: str) -> None:
        """Close a request without an accepted offer; open offers are refused."""
        await self.close_unpaid(event, actor, reason, offers=self._closed_offers())

    async def _expire(self) -> None:
        await self.close_request(EventKind.REQUEST_EXPIRED, PLATFORM, "no offer was accepted")

    async def _change_offer(self, event: EventKind, actor: Actor, offer: OfferChange) -> None:
        self.state.revisions += 1
        named = self.state.prices_named
        named[offer.offer_id] = named.get(offer.offer_id, 0) + 1
        await self.record(
            self.transition(
                event,
                f"{event}:{self.state.revisions}",
                actor,
                self.standing,
                facts={"price": str(offer.price)},
                offers=(offer,),
            )
        )
        self.state.offers[offer.offer_id] = offer

    def _closed_offers(self, accepted: AcceptOffer | None = None) -> tuple[OfferChange, ...]:
        return tuple(
            replace(
                offer,
                status=OfferStatus.ACCEPTED
                if accepted is not None and offer.offer_id == accepted.offer_id
                else OfferStatus.REFUSED,
            )
            for offer in self.state.offers.values()
            if offer.status == OfferStatus.OPEN
        )
