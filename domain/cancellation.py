"""What it costs to leave a delivery before the pickup: one rule for the command and for its quote."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.contracts import CancelDelivery, Role
from domain.deadlines import DeadlineKind
from domain.errors import Refusal, RefusalCode
from domain.leaving.policy import CancellationPolicy
from domain.ledger import CancellationShares, cancellation_shares
from domain.lifecycle import DeliveryState, is_customer, require_open, require_traveler
from domain.money import Money
from domain.pricing import PriceShares
from domain.status import BEFORE_PICKUP, CLOSED, DeliveryStatus, EscrowStatus

_CAN_BE_KEPT = frozenset({EscrowStatus.HELD, EscrowStatus.AUTHORISED, EscrowStatus.CAPTURING})
"""States of the held payment in which a part of it can be kept; in all others nothing is there."""


class Because(StrEnum):
    """Why leaving costs what it costs."""

    NOTHING_HELD = "nothing_held"
    NOT_THE_CUSTOMER = "not_the_customer"
    GRACE = "grace"
    SENDER_ABSENT = "sender_absent"
    TRAVELER_ABSENT = "traveler_absent"
    EARLY = "early"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """Everything that decides what a cancellation costs."""

    policy: CancellationPolicy
    """The policy that the delivery was opened under."""
    price: Money | None
    """The agreed price; none before an acceptance."""
    escrow: EscrowStatus
    """What is held of it."""
    accepted_at: datetime | None
    """When the offer was accepted, in UTC."""
    pickup_at: datetime | None
    """When the agreed pickup ends, in UTC; none while no pickup is waited for."""
    absent: Role | None = None
    """Who is reported not to be at the pickup: `sender` or `traveler`; none when nobody is."""
    is_stopped: bool = False
    """A hold has stopped the clock: the pickup moves away as time passes."""


@dataclass(frozen=True, slots=True)
class CancellationCost:
    """What leaving costs from one moment on."""

    at: datetime
    """From when on, in UTC."""
    because: Because
    """Why."""
    shares: CancellationShares | None
    """How the price is shared out; none when there is none to share."""

    @property
    def is_free(self) -> bool:
        """Tell whether the customer gets everything back."""
        return self.shares is None or not kept_of(self.shares).amount_minor


def pickup_end(deadline_kind: str | None, deadline_at: datetime | None) -> datetime | None:
    """Return when the agreed pickup ends, or none when another clock runs."""
    return deadline_at if deadline_kind == DeadlineKind.PICKUP else None


def reported_absent(deadline_kind: str | None) -> Role | None:
    """Return who may still come to the pickup by the clock that runs, or none when nobody must."""
    absent = {
        DeadlineKind.SENDER_NO_SHOW: Role.SENDER,
        DeadlineKind.TRAVELER_NO_SHOW: Role.TRAVELER,
    }
    return absent.get(DeadlineKind(deadline_kind)) if deadline_kind else None


def terms_of(state: DeliveryState) -> CancellationTerms:
    """Return the terms of a delivery as its workflow knows it."""
    standing = state.standing
    return CancellationTerms(
        policy=state.order.policies.cancellation,
        price=standing.price,
        escrow=EscrowStatus(standing.escrow),
        accepted_at=state.accepted_at,
        pickup_at=pickup_end(standing.deadline_kind, standing.deadline_at),
        absent=state.no_show.absent if state.no_show is not None else None,
    )


def cancellation_cost(terms: CancellationTerms, role: Role, at: datetime) -> CancellationCost:
    """Return what a cancellation costs the customer when somebody in this role cancels then.

    A fee is kept only together with a compensation: what is too small to compensate anybody goes
    back in full.
    """
    because, compensation, fee = _judged(terms, role, at)
    if terms.price is None:
        return CancellationCost(at, because, None)
    shares = cancellation_shares(terms.price, compensation, fee)
    if not shares.compensation.amount_minor:
        shares = cancellation_shares(terms.price, 0, 0)
    return CancellationCost(at, because, shares)


def cancellation_quote(
    terms: CancellationTerms, role: Role, now: datetime
) -> tuple[CancellationCost, ...]:
    """Return what it costs now, and what it costs from each later moment at which that changes."""
    found = [cancellation_cost(terms, role, now)]
    for moment in sorted(moment for moment in _boundaries(terms) if moment > now):
        cost = cancellation_cost(_moved(terms, moment - now), role, moment)
        if cost.shares != found[-1].shares:
            found.append(cost)
    return tuple(found)


def _moved(terms: CancellationTerms, by: timedelta) -> CancellationTerms:
    """Return the terms as they are once time has passed."""
    if not terms.is_stopped or terms.pickup_at is None:
        return terms
    return replace(terms, pickup_at=terms.pickup_at + by)


def kept_of(shares: CancellationShares) -> Money:
    """Return what the customer does not get back."""
    return shares.compensation + shares.fee


def kept_shares(shares: CancellationShares, left: Money) -> PriceShares:
    """Return how what is kept is shared; after a chargeback `left` is less than was meant.

    The traveler always gets something of it: a provider transfers no empty amount.
    """
    if left == kept_of(shares):
        return PriceShares(shares.compensation, shares.fee)
    weights = shares.compensation.amount_minor, shares.fee.amount_minor
    traveler, fee = left.split(weights)
    return PriceShares(traveler, fee) if traveler.amount_minor else PriceShares(left, traveler)


def waiver_facts(cost: CancellationCost, command: CancelDelivery) -> dict[str, str]:
    """Return what the timeline says of a cost that an agent waives; nothing where there is none."""
    if command.actor.role is not Role.AGENT or cost.shares is None or cost.is_free:
        return {}
    return {"waived": str(kept_of(cost.shares)), "waived_because": command.reason.strip()}


def require_cancellable(status: DeliveryStatus) -> None:
    """Check that the parcel is still with its sender.

    Raises:
        Refusal: `delivery_closed`, `wrong_state` or `cancel_too_late`.
    """
    if status in CLOSED:
        raise Refusal(RefusalCode.DELIVERY_CLOSED, f"The delivery is closed: {status}.")
    if status is DeliveryStatus.CAPTURING:
        raise Refusal(
            RefusalCode.WRONG_STATE,
            "The payment is being captured; try again in a minute.",
        )
    if status not in BEFORE_PICKUP:
        raise Refusal(
            RefusalCode.CANCEL_TOO_LATE,
            f"The delivery is {status}: after pickup it can only be disputed.",
        )


def check_cancel(state: DeliveryState, command: CancelDelivery, now: datetime) -> None:
    """Check that the parcel is still with its sender, the actor may cancel, and agrees to the cost."""
    require_open(state)
    is_agent = command.actor.role is Role.AGENT
    if not is_customer(state, command.actor) and not is_agent:
        require_traveler(state, command.actor)
    if state.is_reopening:
        raise Refusal(
            RefusalCode.WRONG_STATE,
            "The payment is on its way back; cancel once the request is open again.",
        )
    require_cancellable(state.status)
    if state.cancelled_by is not None and state.status is DeliveryStatus.AWAITING_PICKUP:
        raise Refusal(RefusalCode.WRONG_STATE, "The delivery is being cancelled.")
    cost = cancellation_cost(terms_of(state), Role.CUSTOMER, now)
    if is_agent and not cost.is_free and not command.reason.strip():
        raise Refusal(
            RefusalCode.REASON_MISSING,
            "The customer would have to pay for this: say why everything goes back.",
        )
    if not is_agent and command.reason:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only an agent can waive what this costs.")
    if is_customer(state, command.actor):
        _require_agreed(cost, command.cost_minor_max)


def _require_agreed(cost: CancellationCost, cost_minor_max: int | None) -> None:
    if cost_minor_max is None or cost.shares is None:
        return
    kept = kept_of(cost.shares)
    if kept.amount_minor > cost_minor_max:
        raise Refusal(RefusalCode.CANCELLATION_COSTS_MORE, f"Cancelling costs {kept} by now.")


def _judged(terms: CancellationTerms, role: Role, at: datetime) -> tuple[Because, int, int]:
    policy, free = terms.policy, _free_because(terms, role, at)
    if free is not None:
        return free, 0, 0
    if terms.absent is Role.SENDER:
        compensation = policy.no_show_compensation_basis_points
        return Because.SENDER_ABSENT, compensation, policy.no_show_fee_basis_points
    for tier in sorted(policy.tiers, key=lambda tier: tier.before_s):
        if terms.pickup_at is not None and at >= _after(terms.pickup_at, -tier.before_s):
            return Because.LATE, tier.compensation_basis_points, tier.fee_basis_points
    return Because.EARLY, 0, 0


def _free_because(terms: CancellationTerms, role: Role, at: datetime) -> Because | None:
    """Return why nothing is to be paid, however near the pickup is; none when that decides."""
    if terms.price is None or terms.escrow not in _CAN_BE_KEPT:
        return Because.NOTHING_HELD
    if role is not Role.CUSTOMER:
        return Because.NOT_THE_CUSTOMER
    if terms.absent is not None:
        return Because.TRAVELER_ABSENT if terms.absent is Role.TRAVELER else None
    is_new = terms.accepted_at is not None and at < _after(terms.accepted_at, terms.policy.grace_s)
    return Because.GRACE if is_new else None


def _boundaries(terms: CancellationTerms) -> set[datetime]:
    found = set()
    if terms.accepted_at is not None:
        found.add(_after(terms.accepted_at, terms.policy.grace_s))
    if terms.pickup_at is not None and not terms.is_stopped:
        ends = {_after(terms.pickup_at, -tier.before_s) for tier in terms.policy.tiers}
        found |= {moment for moment in ends if moment < terms.pickup_at}
    return {moment for moment in found if terms.pickup_at is None or moment < terms.pickup_at}


def _after(moment: datetime, seconds: int) -> datetime:
    return moment + timedelta(seconds=seconds)
