"""What each party may do at each stage of a delivery: pure checks over the delivery's state.

A check returns nothing when the command is allowed and raises a `Refusal` otherwise. The same
checks run in the workflow's validators, where a refusal leaves no history, and again when it is
the command's turn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.contracts import (
    AcceptOffer,
    Actor,
    AttentionAction,
    CodePurpose,
    ConfirmDelivery,
    CounterOffer,
    DeliveryOrder,
    GivePaymentMethod,
    OpenDispute,
    ResolveAttention,
    Role,
    ScanCode,
    Standing,
    SubmitOffer,
    WithdrawOffer,
)
from domain.deadlines import DeadlineKind
from domain.errors import Refusal, RefusalCode
from domain.holds.rules import OF_HOLDS
from domain.ids import OfferId, PersonId
from domain.leaving.contracts import NoShow
from domain.money import Money
from domain.pricing import require_offer_price
from domain.status import (
    BEFORE_PICKUP,
    CLOSED,
    IN_CUSTODY,
    DeliveryStatus,
    DisputeStatus,
    EscrowStatus,
    OfferStatus,
)
from domain.transitions import OfferChange

SKIPPABLE_STEPS: frozenset[str] = frozenset({"net_dues", "pay_out", "pay_out_giver"})
"""Steps that may be skipped without losing money: debts that are not netted stay owed by the
traveler, and a skipped payout stays owed to the traveler."""

PIN_LOCKED = "Too many wrong PINs: PIN entry is locked for this step. Scan the full code instead."
"""What a person is told whose PIN entry is locked."""


VERDICT_OVERDUE = "verdict_overdue"
"""Attention of a dispute that no agent has decided in time; it ends with the verdict."""
TRAVELER_SILENT = "traveler_silent"
"""Attention of a parcel whose traveler does not answer; it ends with a sign of life."""


def opening_standing(order: DeliveryOrder) -> Standing:
    """Return where a delivery stands when it is opened: its request waits for an offer."""
    moments = (order.request_expires_at, order.pickup_by, order.deliver_by)
    return Standing(
        status=DeliveryStatus.REQUESTED,
        escrow=EscrowStatus.NONE,
        dispute=DisputeStatus.NONE,
        deadline_kind=DeadlineKind.REQUEST,
        deadline_at=min(moment for moment in moments if moment is not None),
    )


@dataclass(slots=True)
class DeliveryState:
    """Everything the rules look at."""

    order: DeliveryOrder
    standing: Standing
    offers: dict[OfferId, OfferChange] = field(default_factory=dict)
    prices_named: dict[OfferId, int] = field(default_factory=dict)
    """How often a price was named within each offer."""
    charges_tried: int = 0
    """Payment methods that were tried so far."""
    revisions: int = 0
    """Offers and counter-offers made so far."""
    accepted: AcceptOffer | None = None
    accepted_at: datetime | None = None
    """When the offer was accepted, in UTC."""
    reopenings: int = 0
    """How often the delivery was opened again because its traveler had left."""
    is_reopening: bool = False
    """Whether the payment goes back because the traveler has left, and the request opens then."""
    left: set[PersonId] = field(default_factory=set)
    """Travelers who have left the delivery; they cannot carry it any more."""
    no_show: NoShow | None = None
    """The report that one side of the pickup is not there, until that side comes."""
    cancelled_by: Actor | None = None
    """Who cancelled while a charge was under way; the money goes back once its outcome is known."""
    wrong_scans: int = 0
    """Full codes that were refused; a scanner that repeats itself must slow down."""
    scans_paused_until: datetime | None = None
    """Until when no scan is looked at, after too many refused ones."""
    locked_pins: set[CodePurpose] = field(default_factory=set)
    """Handovers whose PIN has been typed wrong too often; the full code still works."""

    @property
    def status(self) -> DeliveryStatus:
        """Where the delivery stands."""
        return DeliveryStatus(self.standing.status)


def check_submit_offer(state: DeliveryState, command: SubmitOffer) -> None:
    """Check that a traveler may make this offer."""
    _require_status(state, "take offers", DeliveryStatus.REQUESTED)
    if command.actor.person_id in _parties(state):
        raise Refusal(RefusalCode.OWN_DELIVERY, "A party of a delivery cannot carry it.")
    if command.actor.role is not Role.TRAVELER or command.actor.person_id is None:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only a traveler may make an offer.")
    if command.actor.person_id in state.left:
        raise Refusal(RefusalCode.OFFER_CLOSED, "You have given this delivery back.")
    open_offers = [o for o in state.offers.values() if o.status == OfferStatus.OPEN]
    if any(offer.traveler_id == command.actor.person_id for offer in open_offers):
        raise Refusal(RefusalCode.OFFER_ALREADY_MADE, "You have an open offer; counter it instead.")
    if len(open_offers) >= state.order.policies.limits.open_offers_max:
        raise Refusal(RefusalCode.OFFER_LIMIT_REACHED, "This request has enough open offers.")
    _require_revision_left(state)
    require_offer_price(state.order.policies.prices, _money(state, command.price_minor))


def check_counter_offer(state: DeliveryState, command: CounterOffer) -> None:
    """Check that either side of an open offer may revise its price."""
    _require_status(state, "take counter-offers", DeliveryStatus.REQUESTED)
    limits = state.order.policies.limits
    offer = _open_offer(state, command.offer_id)
    if not is_customer(state, command.actor) and offer.traveler_id != command.actor.person_id:
        raise Refusal(RefusalCode.OFFER_UNKNOWN, "There is no such offer.")
    if state.prices_named.get(command.offer_id, 0) >= limits.revisions_per_offer_max:
        raise Refusal(
            RefusalCode.OFFER_REVISIONS_REACHED,
            "The price of this offer was revised often enough; accept it or make a new offer.",
        )
    _require_revision_left(state)
    require_offer_price(state.order.policies.prices, _money(state, command.price_minor))


def check_withdraw_offer(state: DeliveryState, command: WithdrawOffer) -> None:
    """Check that a traveler may take this offer back."""
    _require_status(state, "give offers back", DeliveryStatus.REQUESTED)
    if _open_offer(state, command.offer_id).traveler_id != command.actor.person_id:
        raise Refusal(RefusalCode.OFFER_UNKNOWN, "There is no such offer.")


def check_accept_offer(state: DeliveryState, command: AcceptOffer) -> None:
    """Check that the customer may accept this offer at its present price."""
    _require_status(state, "have an offer accepted", DeliveryStatus.REQUESTED)
    _require_customer(state, command.actor)
    offer = _open_offer(state, command.offer_id)
    if offer.proposed_by != Role.TRAVELER:
        raise Refusal(
            RefusalCode.OFFER_AWAITS_OTHER_SIDE,
            "The traveler has not agreed to your counter-offer yet.",
        )
    if command.price_minor != offer.price.amount_minor:
        raise Refusal(
            RefusalCode.OFFER_PRICE_CHANGED, f"The price of this offer is {offer.price} by now."
        )


def check_give_payment_method(state: DeliveryState, command: GivePaymentMethod) -> None:
    """Check that another payment method is wanted."""
    _require_status(state, "take another payment method", DeliveryStatus.PAYMENT_DUE)
    _require_customer(state, command.actor)
    if state.cancelled_by is not None:
        raise Refusal(RefusalCode.WRONG_STATE, "The delivery is being cancelled.")
    if state.charges_tried >= state.order.policies.limits.payment_attempts_max:
        raise Refusal(
            RefusalCode.PAYMENT_ATTEMPTS_REACHED, "Too many payment methods were tried already."
        )


_COLLECTING = frozenset({DeliveryStatus.AWAITING_PICKUP, DeliveryStatus.CAPTURING})
"""Statuses in which the sender's code is shown; the payment is captured in between."""
_SCANNED_AT: Mapping[CodePurpose, frozenset[DeliveryStatus]] = {
    CodePurpose.PICKUP: _COLLECTING,
    CodePurpose.HANDOVER: IN_CUSTODY,
    CodePurpose.RETURN: frozenset({DeliveryStatus.RETURNING}),
    CodePurpose.RELAY: frozenset(),
}


def check_scan(state: DeliveryState, command: ScanCode, now: datetime) -> None:
    """Check that the traveler may scan this kind of code now."""
    require_traveler(state, command.actor)
    if state.status in _SCANNED_AT[command.purpose] and state.cancelled_by is None:
        require_scan_allowed(state, command, now)
        return
    require_open(state)
    if _was_scanned(state, command.purpose):
        raise Refusal(RefusalCode.CODE_ALREADY_USED, "This code has been used already.")
    raise Refusal(
        RefusalCode.WRONG_STATE,
        f"The delivery is {state.status} and cannot take a {command.purpose} scan now.",
    )


def require_scan_allowed(state: DeliveryState, command: ScanCode, now: datetime) -> None:
    """Check that neither the PIN of the step nor scanning as such is locked."""
    if command.is_pin and command.purpose in state.locked_pins:
        raise Refusal(RefusalCode.CODE_LOCKED, PIN_LOCKED)
    if state.scans_paused_until is not None and now < state.scans_paused_until:
        raise Refusal(
            RefusalCode.CODE_LOCKED,
            f"Too many wrong codes: scanning is paused until {state.scans_paused_until:%H:%M:%S} UTC.",
        )


_INSPECTED = (DeliveryStatus.DELIVERED, DeliveryStatus.RETURNED)


def check_confirm(state: DeliveryState, command: ConfirmDelivery) -> None:
    """Check that the customer may end the dispute window early."""
    _require_customer(state, command.actor)
    _require_status(state, "be confirmed", *_INSPECTED)


def check_open_dispute(state: DeliveryState, command: OpenDispute) -> None:
    """Check that a party may dispute inside the window."""
    if not is_customer(state, command.actor):
        parties = (state.order.recipient_id, state.standing.traveler_id)
        if command.actor.person_id is None or command.actor.person_id not in parties:
            raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only a party of the delivery may dispute it.")
    after_window = {
        DeliveryStatus.RELEASING,
        DeliveryStatus.PAYING_OUT,
        DeliveryStatus.COMPLETED,
    }
    if state.status in after_window:
        raise Refusal(RefusalCode.DISPUTE_WINDOW_CLOSED, "The dispute window has closed.")
    _require_status(state, "be disputed", *_INSPECTED)


def check_resolve_attention(state: DeliveryState, command: ResolveAttention) -> None:
    """Check that a step is parked, the operator is no party, and no money can be lost this way."""
    parties = (*_parties(state), state.standing.traveler_id)
    if command.operator_id is not None and command.operator_id in parties:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "A party of the delivery cannot resolve it.")
    parked = state.standing.attention
    if parked in OF_HOLDS:
        raise Refusal(
            RefusalCode.NOTHING_NEEDS_ATTENTION,
            "No step is parked: the delivery is on hold; resume it.",
        )
    if parked == VERDICT_OVERDUE:
        raise Refusal(
            RefusalCode.NOTHING_NEEDS_ATTENTION,
            "No step is parked: an agent must decide the dispute.",
        )
    if parked == TRAVELER_SILENT:
        raise Refusal(
            RefusalCode.NOTHING_NEEDS_ATTENTION,
            "No step is parked: find the traveler, and check in for them.",
        )
    if parked is None:
        raise Refusal(RefusalCode.NOTHING_NEEDS_ATTENTION, "No step of this delivery is parked.")
    if command.action is AttentionAction.SKIP and parked not in SKIPPABLE_STEPS:
        raise Refusal(
            RefusalCode.SKIP_NOT_SAFE,
            f"Skipping {parked} would lose track of money; retry it, or do it by hand.",
        )
    if command.action is AttentionAction.DONE_BY_HAND and not command.reference.strip():
        raise Refusal(
            RefusalCode.WRONG_STATE, "done_by_hand needs the provider's reference of what was done."
        )


def _was_scanned(state: DeliveryState, purpose: CodePurpose) -> bool:
    if purpose is CodePurpose.RETURN:
        return state.status is DeliveryStatus.RETURNED
    return _was_picked_up(state) if purpose is CodePurpose.PICKUP else _was_handed_over(state)


def _was_picked_up(state: DeliveryState) -> bool:
    if state.no_show is not None:
        return False
    if state.status is DeliveryStatus.REFUNDING:
        return state.standing.dispute != DisputeStatus.NONE
    return state.status not in BEFORE_PICKUP


def _was_handed_over(state: DeliveryState) -> bool:
    # A verdict may settle the money of a parcel that never arrived: then nobody can tell from here.
    settled = {DeliveryStatus.DELIVERED, DeliveryStatus.RELEASING, DeliveryStatus.PAYING_OUT}
    return state.status in settled and state.standing.dispute == DisputeStatus.NONE


def require_open(state: DeliveryState) -> None:
    """Check that the delivery is not closed."""
    if state.status in CLOSED:
        raise Refusal(RefusalCode.DELIVERY_CLOSED, f"The delivery is closed: {state.status}.")


def _require_status(state: DeliveryState, able: str, *expected: DeliveryStatus) -> None:
    require_open(state)
    if state.status not in expected:
        raise Refusal(
            RefusalCode.WRONG_STATE, f"The delivery is {state.status} and cannot {able} now."
        )


def _parties(state: DeliveryState) -> tuple[PersonId | None, ...]:
    return state.order.customer_id, state.order.sender_id, state.order.recipient_id


def is_customer(state: DeliveryState, actor: Actor) -> bool:
    """Tell whether this is the customer of the delivery, in whatever role."""
    return actor.person_id == state.order.customer_id


def _require_customer(state: DeliveryState, actor: Actor) -> None:
    if not is_customer(state, actor):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only the customer may do this.")


def require_traveler(state: DeliveryState, actor: Actor) -> None:
    """Check that this is the traveler of the accepted offer."""
    traveler_id = state.standing.traveler_id
    if traveler_id is None or actor.person_id != traveler_id:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only the traveler of this delivery may do this.")


def _open_offer(state: DeliveryState, offer_id: OfferId) -> OfferChange:
    offer = state.offers.get(offer_id)
    if offer is None:
        raise Refusal(RefusalCode.OFFER_UNKNOWN, "There is no such offer.")
    if offer.status != OfferStatus.OPEN:
        raise Refusal(RefusalCode.OFFER_CLOSED, f"The offer is {offer.status}.")
    return offer


def _require_revision_left(state: DeliveryState) -> None:
    if state.revisions >= state.order.policies.limits.offers_total_max:
        raise Refusal(
            RefusalCode.OFFER_LIMIT_REACHED, "This request has had too many offers; open a new one."
        )


def _money(state: DeliveryState, amount_minor: int) -> Money:
    return Money(amount_minor, state.order.currency)
