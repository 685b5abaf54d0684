"""What the stages of a delivery share: its state, its money and the ways on from one stage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.money import MoneySteps

with workflow.unsafe.imports_passed_through():
    from domain.business_hours import clock_due
    from domain.cancellation import kept_shares
    from domain.contracts import (
        PLATFORM,
        AcceptOffer,
        Actor,
        DeliveryOrder,
        DisputeReason,
        Standing,
    )
    from domain.deadlines import DeadlineKind
    from domain.details import delivery_details
    from domain.disputing.ladder import Ladder
    from domain.disputing.rules import opening_clock, opening_ladder
    from domain.holds.details import hold_details
    from domain.ids import DisputeId, dispute_workflow_id
    from domain.journey.relay import RelayState, relay_shares
    from domain.ledger import CancellationShares
    from domain.lifecycle import DeliveryState, opening_standing
    from domain.money import Money
    from domain.money_path import HOLD_BY_PATH, expected_delivery, money_path
    from domain.policies import VerdictOutcome
    from domain.pricing import PriceShares, price_shares
    from domain.status import DeliveryStatus, DisputeStatus, EscrowStatus
    from domain.transitions import EventKind, OfferChange, OperationKind, PaymentIntent
    from domain.visibility import Attribute, attribute_values


class DeliveryStage(MoneySteps):
    """State of one delivery, and the transitions that more than one stage begins."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__()
        self.order = order
        self.delivery_id = order.delivery_id
        self.policies = order.policies
        self.standing = opening_standing(order)
        self.state = DeliveryState(order, self.standing)
        self.charge_attempt = 0
        self.hold_kind = OperationKind.CHARGE
        self.is_captured = False
        self.to_refund: Money | None = None
        self.to_release: Money | None = None
        self.kept: CancellationShares | None = None
        self.dispute_opened_by: Actor = PLATFORM
        self.dispute_reason = DisputeReason.OTHER
        self.ladder: Ladder | None = None
        self.handover_proven = False
        self.is_left = False
        self.is_overridden = False
        self.is_returned = False
        self.held_at: datetime | None = None
        self.settlement_round = 1
        self.payout_round = 1
        self.account_news = 0
        self.relays = RelayState()
        self.given: Money | None = None

    def stand(self, standing: Standing) -> None:
        """Remember where the delivery stands, for the rules too."""
        self.state.standing = standing
        if standing.escrow == EscrowStatus.HELD and self.held_at is None:
            self.held_at = workflow.now()
        super().stand(standing)

    def details(self) -> str:
        """Return the markdown table of the present state."""
        table = delivery_details(self.order, self.standing, self.parked_because)
        return table + hold_details(self.hold_placed, self.stopped)

    def attributes(self) -> dict[Attribute, str | int | bool | datetime | None]:
        """Return the search attributes of the present state."""
        values = attribute_values(self.order, self.standing)
        if self.is_unrecorded or self.is_parked:
            values[Attribute.NEEDS_ATTENTION] = True
        if self.is_on_hold:
            values[Attribute.ON_HOLD] = True
        return values

    @property
    def status(self) -> DeliveryStatus:
        """Where the delivery stands."""
        return DeliveryStatus(self.standing.status)

    @property
    def held(self) -> Money:
        """The agreed price, which is the held payment."""
        if self.standing.price is None:
            raise AssertionError("no price is agreed before an offer is accepted")
        return self.standing.price

    @property
    def agreement(self) -> AcceptOffer:
        """The acceptance with its payment method and payout account."""
        if self.state.accepted is None:
            raise AssertionError("no offer is accepted yet")
        return self.state.accepted

    @property
    def hold_id(self) -> str:
        """Operation id of the present charge, authorisation or saving; each attempt has its own."""
        return f"{self.delivery_id}:{self.hold_kind}:{self.charge_attempt}"

    @property
    def charge_id(self) -> str:
        """Operation id of what took the money: the capture of what was authorised, or the charge."""
        if not self.is_captured:
            return self.hold_id
        return f"{self.delivery_id}:{OperationKind.CAPTURE}:{self.charge_attempt}"

    def hold_by_horizon(self) -> OperationKind:
        """Return what the provider is asked for when the payment is to be held from now on."""
        now = workflow.now()
        handover_at = expected_delivery(self.order, now)
        kind = HOLD_BY_PATH[money_path(self.policies.horizons, now, handover_at)]
        # Deliveries that began before there were horizons go on as they began.
        if kind is OperationKind.CHARGE or not workflow.patched("horizons"):
            return OperationKind.CHARGE
        return kind

    def moving(self, status: DeliveryStatus, escrow: EscrowStatus) -> Standing:
        """Return the standing of a state in which the provider moves money."""
        due_at = self.due_in(self.policies.windows.provider_s)
        return self.armed(status, DeadlineKind.PROVIDER, due_at, escrow=escrow)

    def intent(self, kind: OperationKind, amount: Money) -> PaymentIntent:
        """Return the intent of a refund, transfer, payout or void of the present charge."""
        per_attempt = kind in (OperationKind.VOID, OperationKind.CAPTURE)
        suffix = f":{self.charge_attempt}" if per_attempt else self._round_of(kind)
        to_traveler = kind in (OperationKind.TRANSFER, OperationKind.PAYOUT)
        return PaymentIntent(
            operation_id=f"{self.delivery_id}:{kind}{suffix}",
            kind=kind,
            amount=amount,
            method=self.agreement.payout_account if to_traveler else "",
            source_operation_id="" if kind is OperationKind.PAYOUT else self.charge_id,
        )

    def _round_of(self, kind: OperationKind) -> str:
        """Tell apart what a settlement asks for anew from what it had asked for at first."""
        rounds = {
            OperationKind.REFUND: self.settlement_round,
            OperationKind.TRANSFER: self.settlement_round,
            OperationKind.PAYOUT: self.payout_round,
        }
        number = rounds.get(kind, 1)
        return f":{number}" if number > 1 else ""

    def shares_of(self, amount: Money) -> PriceShares:
        """Return how what is released is shared between the traveler and the platform.

        After a relay what the first traveler earns is left out.
        """
        if self.kept is not None:
            return kept_shares(self.kept, amount)
        shares, relay = price_shares(self.policies.fees, amount), self.relays.handed_on
        return relay_shares(shares, relay.share_points, self.given) if relay else shares

    def transfer_intent(self, amount: Money) -> PaymentIntent:
        """Return the intent of a release: the traveler's share, with the fee beside it."""
        shares = self.shares_of(amount)
        intent = self.intent(OperationKind.TRANSFER, shares.traveler)
        return replace(intent, fee=shares.fee)

    async def begin_release(self, actor: Actor) -> None:
        """Begin to release the whole held payment to the traveler."""
        self.to_release = self.held
        await self.record(
            self.transition(
                EventKind.RELEASE_STARTED,
                "release_started",
                actor,
                self.moving(DeliveryStatus.RELEASING, EscrowStatus.RELEASING),
                intent=self.transfer_intent(self.held),
            )
        )

    async def begin_refund(
        self, actor: Actor, reason: str, facts: Mapping[str, str] | None = None
    ) -> None:
        """Begin to give the whole held payment back; one that is only authorised is voided."""
        self.to_refund = self.held
        is_taken = self.standing.escrow != EscrowStatus.AUTHORISED
        escrow = EscrowStatus.REFUNDING if is_taken else EscrowStatus.VOIDING
        kind = OperationKind.REFUND if is_taken else OperationKind.VOID
        await self.record(
            self.transition(
                EventKind.REFUND_STARTED if is_taken else EventKind.LIFT_STARTED,
                "refund_started",
                actor,
                self.moving(DeliveryStatus.REFUNDING, escrow),
                facts={"reason": reason, **(facts or {})},
                intent=self.intent(kind, self.held),
            )
        )

    async def begin_dispute(
        self,
        actor: Actor,
        reason: DisputeReason,
        dispute_id: DisputeId,
        desired: tuple[VerdictOutcome | None, int | None] = (None, None),
    ) -> None:
        """Open a dispute: the held payment waits for an agreement or a verdict."""
        # Disputes that were opened before there was a ladder go on without one.
        if workflow.patched("dispute-ladder"):
            self.ladder = opening_ladder(self.policies.disputes, actor, *desired)
        kind, seconds = opening_clock(self.policies, actor, self.ladder)
        standing = self.armed(
            DeliveryStatus.DISPUTED,
            kind,
            clock_due(self.policies.hours, kind, workflow.now(), seconds),
            dispute=DisputeStatus.OPEN,
            dispute_id=dispute_id,
        )
        self.dispute_opened_by, self.dispute_reason = actor, reason
        # A parcel that was left, or whose handover staff have overridden, had no code shown for it:
        # what proves it is weaker.
        is_weak = self.is_left or self.is_overridden
        self.handover_proven = self.status is DeliveryStatus.DELIVERED and not is_weak
        opened = self.transition(
            EventKind.DISPUTE_OPENED, "dispute_opened", actor, standing, facts={"reason": reason}
        )
        await self.record(replace(opened, dispute=self.ladder))

    async def tell_dispute(self, signal: str) -> None:
        """Signal the dispute; one that has just ended need not know."""
        dispute_id = DisputeId(self.standing.dispute_id or "")
        dispute = workflow.get_external_workflow_handle(dispute_workflow_id(dispute_id))
        try:
            await dispute.signal(signal)
        except ApplicationError:
            workflow.logger.warning("the dispute was not told of %s", signal)

    async def close_unpaid(
        self,
        event: EventKind,
        actor: Actor,
        reason: str,
        offers: tuple[OfferChange, ...] = (),
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Close a delivery for which no money is held."""
        expired = event is EventKind.REQUEST_EXPIRED
        standing = self.armed(
            DeliveryStatus.EXPIRED if expired else DeliveryStatus.CANCELLED,
            escrow=EscrowStatus.NONE,
        )
        await self.record(
            self.transition(
                event,
                event,
                actor,
                standing,
                facts={"reason": reason, **(facts or {})},
                offers=offers,
            )
        )
