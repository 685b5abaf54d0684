"""Money that moves after the fact: what may be corrected, by whom, and by how much.

A correction never changes where its delivery stands. The checks are pure; those about amounts run
once on what the books say and again in the transaction that orders the correction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.contracts import Actor, AttentionAction, ResolveAttention, Role
from domain.correcting.policy import CostReason
from domain.errors import Refusal, RefusalCode
from domain.ids import CorrectionId, DeliveryId, PersonId
from domain.ledger import Bearer
from domain.money import Money
from domain.policies import Policies
from domain.status import CLOSED, IN_CUSTODY, DeliveryStatus


class CorrectionKind(StrEnum):
    """What is corrected."""

    GOODWILL_REFUND = "goodwill_refund"
    """Money goes back to the customer after the close; somebody named bears it."""
    COMPENSATION = "compensation"
    """The platform gives the traveler something out of its own pocket."""
    TIP = "tip"
    """The customer gives the traveler something on top."""
    EXTRA_COST = "extra_cost"
    """The traveler asks for what the journey cost besides, and the customer agrees to pay it."""
    WRITE_OFF = "write_off"
    """A debt is given up."""
    DUES_PAID = "dues_paid"
    """A debt was paid outside of the platform."""
    REFUND_AGAIN = "refund_again"
    """A refund came undone and is given again."""
    PAYOUT_AGAIN = "payout_again"
    """A payout came back from the bank and is sent again."""


class CorrectionStatus(StrEnum):
    """Where a correction stands."""

    ASKED = "asked"
    """The customer is asked whether to pay extra costs."""
    MOVING = "moving"
    """The payment provider moves the money."""
    UNSETTLED = "unsettled"
    """A tip, or extra costs, wait for the customer's bank to be told."""
    WAITING = "waiting"
    """An agent has to say how the money goes out again."""
    PARKED = "parked"
    """A step is stuck: staff have to resolve it."""
    DONE = "done"
    DECLINED = "declined"
    """The customer's tip was declined, or the customer did not agree to extra costs."""
    GIVEN_UP = "given_up"
    """Who had asked for it, or staff, gave it up; what had not moved stays where it was."""


OVER = frozenset({CorrectionStatus.DONE, CorrectionStatus.DECLINED, CorrectionStatus.GIVEN_UP})
"""Statuses that end a correction."""

_K = CorrectionKind

AFTER_UNDOING = frozenset({_K.REFUND_AGAIN, _K.PAYOUT_AGAIN})
"""Corrections that nobody orders: they begin when the provider takes something back."""
OF_DEBTS = frozenset({_K.WRITE_OFF, _K.DUES_PAID})
"""Corrections that only the books know of."""
ON_TOP = frozenset({_K.TIP, _K.EXTRA_COST})
"""Corrections that the customer pays on top of the price; all of it is the traveler's."""
ORDERED_BY: Mapping[CorrectionKind, tuple[Role, ...]] = {
    _K.GOODWILL_REFUND: (Role.AGENT,),
    _K.COMPENSATION: (Role.AGENT,),
    _K.TIP: (Role.CUSTOMER,),
    _K.EXTRA_COST: (Role.TRAVELER,),
    _K.WRITE_OFF: (Role.AGENT,),
    _K.DUES_PAID: (Role.AGENT, Role.OPERATOR),
}
"""Who may order each kind, the capacity in which they do it first."""
SKIPPABLE_IN_CORRECTIONS = frozenset(
    {"refund_goodwill", "reverse_transfer", "compensate_traveler", "charge_tip", "pay_out_extra"}
)
"""Steps that may be skipped without losing money: what has not moved stays where it is, and what is
owed stays owed. A tip that was charged is the traveler's and has to be sent."""
_TIPPED = frozenset({DeliveryStatus.COMPLETED, DeliveryStatus.SETTLED})
_COSTLY = frozenset({DeliveryStatus.AWAITING_PICKUP, DeliveryStatus.RETURNING, *IN_CUSTODY})
"""Where a journey can cost more than was agreed."""


@dataclass(frozen=True, slots=True)
class CorrectionOrder:
    """Input of the correction workflow: everything that is known when somebody orders it."""

    correction_id: CorrectionId
    """The correction; the workflow id is `correction:<correction_id>`."""
    delivery_id: DeliveryId
    """The delivery whose money is corrected."""
    kind: CorrectionKind
    """What is corrected."""
    actor: Actor
    """Who orders it."""
    amount: Money
    """How much it is about."""
    status: str
    """Where the delivery stands: a `DeliveryStatus`."""
    customer_id: PersonId
    """The delivery's customer."""
    traveler_id: PersonId | None
    """The delivery's traveler, once an offer was accepted."""
    bearer: Bearer | None = None
    """For a goodwill refund: who bears it."""
    debtor: Bearer | None = None
    """For a debt: who owes it, the customer or the traveler."""
    payment_method: str = field(default="", repr=False)
    """For a tip: the payment provider's token of the method."""
    reference: str = ""
    """For a debt that was paid: where the payment is found. For extra costs: the receipt."""
    note: str = ""
    """Why, for the audit trail; no personal data."""
    policies: Policies = field(default_factory=Policies)
    """The policies in force when it is ordered."""
    cost_reason: CostReason | None = None
    """For extra costs: what they are for."""
    seen: int | None = None
    """Number of the delivery's latest event as its sender has seen it; none when they did not say."""

    @property
    def debtor_id(self) -> PersonId | None:
        """Return the person who owes the debt."""
        return self.traveler_id if self.debtor is Bearer.TRAVELER else self.customer_id


@dataclass(frozen=True, slots=True)
class DeliveryMoney:
    """What the books say of a delivery's money, as far as a correction depends on it."""

    price: Money
    """The agreed price; zero before there was one."""
    charge_id: str
    """Our operation that took the payment; empty when none did."""
    paid: Money
    """What it took."""
    gone_back: Money
    """What was refunded of it, is being refunded or refunded again, or was charged back."""
    traveler_owes: Money
    """On account of this delivery."""
    customer_owes: Money
    """On account of this delivery."""
    tips: Money
    """Tips that were given or are on their way."""
    tips_tried: int
    """Tips that were ordered, declined ones included."""
    transfer_id: str
    """Our operation that released the traveler's share; empty when none did."""
    reversible: Money
    """How much of it may be taken back at the provider without touching other money."""
    extra_costs: Money | None = None
    """Extra costs that were paid or may be."""
    extra_costs_asked: int = 0
    """Requests for extra costs, refused ones included."""

    def owes(self, debtor: Bearer | None) -> Money:
        """Return what somebody owes on account of this delivery."""
        return self.traveler_owes if debtor is Bearer.TRAVELER else self.customer_owes


@dataclass(frozen=True, slots=True)
class CorrectionStanding:
    """Where a correction stands, as its commands are answered."""

    status: CorrectionStatus
    """Where it stands."""
    step: str = ""
    """Name of the parked step."""
    problem: str = ""
    """Why it is parked, or waits: a stable code."""
    deadline_kind: str | None = None
    """The armed clock, a `DeadlineKind`."""
    deadline_at: datetime | None = None
    """When it runs out, in UTC."""


def check_correction(order: CorrectionOrder) -> None:
    """Check what can be said without the books: who orders what, about which delivery.

    Raises:
        Refusal: `not_your_role`, `wrong_state`, `bearer_invalid` or `correction_amount_invalid`.
    """
    _require_role(order)
    _require_stage(order)
    if order.amount.amount_minor <= 0 or not order.amount.is_movable:
        step = Money(order.amount.step_minor, order.amount.currency)
        raise _amount_invalid(f"The amount has to be a multiple of {step}, and more than nothing.")
    if order.kind is _K.GOODWILL_REFUND:
        _require_bearer(order.bearer, (Bearer.PLATFORM, Bearer.TRAVELER), "bears this refund")
    if order.kind in OF_DEBTS:
        _require_bearer(order.debtor, (Bearer.TRAVELER, Bearer.CUSTOMER), "owes this debt")
    if order.kind is _K.DUES_PAID:
        require_reference(order.reference)


def check_amount(order: CorrectionOrder, money: DeliveryMoney) -> None:
    """Check a correction against what the books say now.

    Raises:
        Refusal: `wrong_state`, `payment_attempts_reached`, `requests_reached` or
            `correction_amount_invalid`.
    """
    if order.kind is _K.GOODWILL_REFUND:
        if not money.charge_id:
            raise Refusal(RefusalCode.WRONG_STATE, "No payment was taken for this delivery.")
        _require_at_most(order.amount, money.paid - money.gone_back, "is left of the payment")
    elif order.kind in OF_DEBTS:
        _require_at_most(order.amount, money.owes(order.debtor), f"the {order.debtor} owes")
    elif order.kind is _K.EXTRA_COST:
        _require_bounded_cost(order, money)
    else:
        _require_at_most(order.amount + _tipped(order, money), money.price, "is the price")
    if order.kind is _K.TIP and money.tips_tried >= order.policies.limits.payment_attempts_max:
        raise Refusal(
            RefusalCode.PAYMENT_ATTEMPTS_REACHED, "Too many tips were tried for this delivery."
        )


def check_resolve(standing: CorrectionStanding, command: ResolveAttention) -> None:
    """Check that a step is parked and that no money can be lost in this way.

    Raises:
        Refusal: `nothing_needs_attention`, `skip_not_safe` or `wrong_state`.
    """
    if standing.status is not CorrectionStatus.PARKED:
        raise Refusal(RefusalCode.NOTHING_NEEDS_ATTENTION, "No step of this correction is parked.")
    is_safe = standing.step in SKIPPABLE_IN_CORRECTIONS
    if command.action is AttentionAction.SKIP and not is_safe:
        raise Refusal(
            RefusalCode.SKIP_NOT_SAFE,
            f"Skipping {standing.step} would lose track of money; retry it, or do it by hand.",
        )
    if command.action is AttentionAction.DONE_BY_HAND:
        require_reference(command.reference)


def _require_role(order: CorrectionOrder) -> None:
    allowed = ORDERED_BY.get(order.kind, ())
    if order.actor.role not in allowed:
        who = " or ".join(allowed) or "the platform itself"
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, f"Only the {who} may order this.")
    is_party = order.actor.person_id in (order.customer_id, order.traveler_id)
    if order.actor.role not in (Role.CUSTOMER, Role.TRAVELER) and is_party:
        raise Refusal(
            RefusalCode.NOT_YOUR_ROLE, "A party of the delivery cannot act as staff in it."
        )


def _require_stage(order: CorrectionOrder) -> None:
    status = DeliveryStatus(order.status)
    if order.kind is _K.TIP and status not in _TIPPED:
        raise Refusal(RefusalCode.WRONG_STATE, "A tip is given once the delivery is complete.")
    if order.kind in (_K.GOODWILL_REFUND, _K.COMPENSATION) and status not in CLOSED:
        raise Refusal(
            RefusalCode.WRONG_STATE, "The delivery is not closed: its own way out comes first."
        )
    if order.kind is _K.EXTRA_COST and status not in _COSTLY:
        raise Refusal(RefusalCode.WRONG_STATE, "Extra costs are asked for while the journey lasts.")
    needs_traveler = order.kind in (_K.COMPENSATION, _K.TIP, _K.EXTRA_COST) or Bearer.TRAVELER in (
        order.bearer,
        order.debtor,
    )
    if needs_traveler and order.traveler_id is None:
        raise Refusal(RefusalCode.WRONG_STATE, "This delivery never had a traveler.")


def require_reference(reference: str) -> None:
    """Check that it is named where something that was done by hand is found.

    Raises:
        Refusal: `wrong_state`.
    """
    if not reference.strip():
        raise Refusal(RefusalCode.WRONG_STATE, "Name the reference of what was done by hand.")


def _require_bearer(named: Bearer | None, possible: tuple[Bearer, ...], what: str) -> None:
    if named not in possible:
        raise Refusal(
            RefusalCode.BEARER_INVALID, f"Name who {what}: the {' or the '.join(possible)}."
        )


def _require_at_most(asked: Money, limit: Money, what: str) -> None:
    if asked.amount_minor > limit.amount_minor:
        raise _amount_invalid(f"At most {limit} {what}.")


def _require_bounded_cost(order: CorrectionOrder, money: DeliveryMoney) -> None:
    policy, before = order.policies.extra_costs, money.extra_costs
    if money.extra_costs_asked >= policy.requests_max:
        raise Refusal(RefusalCode.REQUESTS_REACHED, "Extra costs were asked for often enough.")
    most_minor = money.price.amount_minor * policy.share_basis_points_max // 10_000
    total = order.amount if before is None else order.amount + before
    _require_at_most(total, Money(most_minor, order.amount.currency), "may be asked for in all")


def _tipped(order: CorrectionOrder, money: DeliveryMoney) -> Money:
    return money.tips if order.kind is _K.TIP else Money(0, order.amount.currency)


def _amount_invalid(text: str) -> Refusal:
    return Refusal(RefusalCode.CORRECTION_AMOUNT_INVALID, text)
