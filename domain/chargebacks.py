"""Chargebacks: how they stand, what is written of them, and what their workflows tell each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.attention import AttentionItem
from domain.contracts import Actor, AttentionAction, ResolveAttention, Role
from domain.errors import Refusal, RefusalCode
from domain.ids import ChargebackId, DeliveryId, PersonId
from domain.ledger import Bearer, BookingKind
from domain.money import Money
from domain.policies import ChargebackPolicy, Policies
from domain.transitions import LateEvent


class ChargebackStatus(StrEnum):
    """Where a chargeback stands, whichever provider reports it."""

    ANNOUNCED = "announced"
    """The provider reported it and nobody has read it yet."""
    INQUIRY = "inquiry"
    """A bank only asks: no money moves."""
    OPEN = "open"
    """A card network has taken, or is taking, the disputed funds and will decide."""
    WON = "won"
    LOST = "lost"
    CLOSED_WITHOUT_LOSS = "closed_without_loss"
    """An inquiry that ended without a chargeback."""


DECIDED: frozenset[ChargebackStatus] = frozenset(
    {ChargebackStatus.WON, ChargebackStatus.LOST, ChargebackStatus.CLOSED_WITHOUT_LOSS}
)
"""Statuses after which a card network does nothing more by itself."""


@dataclass(frozen=True, slots=True)
class DisputeState:
    """How a chargeback or inquiry stands at the provider."""

    dispute_id: str
    status: ChargebackStatus
    """A dispute that the provider knows is never just announced."""
    takes_evidence: bool
    """Evidence can still be staged and submitted."""
    reason: str
    """The provider's word for what the cardholder complains of."""
    charge_id: str
    """The provider's id of the payment that is disputed."""
    amount: Money
    """May be more or less than the charge."""
    taken: Money
    """What the platform's balance lost by it, fees left out; an inquiry takes nothing."""
    returned: Money
    """What of it came back."""
    fee: Money
    """What the provider took for it and did not give back."""
    due_by: datetime | None
    """Until when evidence is read, in UTC."""
    submissions: int
    """How often evidence was submitted; most banks read it once."""

    @property
    def is_over(self) -> bool:
        """Tell whether it is decided and everything that was won is back."""
        if self.status is ChargebackStatus.LOST:
            return True
        return self.status in DECIDED and self.returned == self.taken


@dataclass(frozen=True, slots=True)
class ChargebackOrder:
    """Input of the chargeback workflow."""

    chargeback_id: ChargebackId
    """The chargeback; the workflow id is `chargeback:<chargeback_id>`."""
    delivery_id: DeliveryId
    """The delivery whose payment is disputed."""
    provider: str
    """The payment provider that reported it."""
    dispute_id: str
    """The provider's id of it."""
    charge_operation_id: str
    """Our operation that took the disputed payment."""
    currency: str
    """ISO 4217 code of every amount."""
    customer_id: PersonId
    """Who paid."""
    traveler_id: PersonId | None
    """Who was to be paid."""
    policies: Policies = field(default_factory=Policies)
    """The policies that the delivery was opened under."""

    def bearer_after_release(self, reason: str) -> Bearer:
        """Return who bears what is lost of a payment that was released."""
        is_ours = self.traveler_id is None or reason in self.policies.chargebacks_of_platform
        return Bearer.PLATFORM if is_ours else Bearer.TRAVELER


@dataclass(frozen=True, slots=True)
class ChargebackNews:
    """Argument of a delivery's signal `chargeback_moved`: a chargeback of its payment has moved."""

    chargeback_id: ChargebackId
    """The chargeback."""
    status: str
    """A `ChargebackStatus`."""
    taken_from_held: Money | None
    """Once it is lost: the part of the held payment that it took; none before."""


@dataclass(frozen=True, slots=True)
class ChargebackBooking:
    """What a chargeback moved, to be booked; how a loss is shared follows from the books."""

    kind: BookingKind
    """`chargeback`, `chargeback_won` or `chargeback_lost`."""
    amount: Money
    """How much more was taken, came back or is lost."""
    total: Money
    """Taken, returned or lost with it in all: so that each is booked once."""
    fee: Money | None = None
    """What the provider kept besides since the last booking; below zero when it gave some back."""
    traveler_id: PersonId | None = None
    """For a loss: set when the traveler bears what was released, who is the delivery's at that moment;
    none when the platform does."""
    rest_bearer: Bearer = Bearer.PLATFORM
    """For a loss: who bears what is neither held nor was the traveler's."""
    customer_id: PersonId | None = None
    """For a loss: who owes the rest when the customer bears it."""


@dataclass(frozen=True, slots=True)
class EvidenceStaged:
    """What is there of evidence: counts and a hash; the evidence itself stays where it is."""

    sha256: str
    """Of everything that was staged."""
    at: datetime
    """When it was staged, in UTC."""
    is_submitted: bool
    scans: int = 0
    """Handover codes that were accepted."""
    positions: int = 0
    """Positions that the traveler reported."""
    exhibits: int = 0
    """Photos and descriptions of a dispute."""
    messages: int = 0
    """Messages of a dispute."""


@dataclass(frozen=True, slots=True)
class ChargebackChange:
    """One change of a chargeback, complete: what is written in a single database transaction.

    Idempotency: an event that is written already, and a booking whose total is booked already, are
    left as they are.
    """

    chargeback_id: ChargebackId
    """The chargeback."""
    delivery_id: DeliveryId
    """Its delivery."""
    at: datetime
    """When it happened, by the workflow's clock, in UTC."""
    status: str
    """A `ChargebackStatus`."""
    dispute: DisputeState | None = None
    """How it stands at the provider; none where it was not read anew."""
    event: LateEvent | None = None
    """What the delivery's chain of events is told."""
    booking: ChargebackBooking | None = None
    """What is booked with it."""
    evidence: EvidenceStaged | None = None
    """What is there of evidence now; none where nothing was staged anew."""
    deadline_kind: str | None = None
    """The armed clock, a `DeadlineKind`."""
    deadline_at: datetime | None = None
    """When it runs out, in UTC."""
    attention: str | None = None
    """Name of the parked step, while staff must act."""
    raises: tuple[AttentionItem, ...] = ()
    """What staff must look at from now on."""
    settles: tuple[str, ...] = ()
    """Keys of what staff need not look at any more."""


@dataclass(frozen=True, slots=True)
class ChargebackBooks:
    """What is booked and written of a chargeback so far."""

    status: str
    """A `ChargebackStatus`."""
    taken: Money
    """Booked as taken."""
    returned: Money
    """Booked as come back."""
    fee: Money
    """Booked as kept by the provider."""
    lost: Money
    """Booked as lost, whoever bears it."""
    taken_from_held: Money
    """The part of the loss that the held payment covered."""
    recalled: Money
    """Called back from the traveler and not released again."""
    account: str = field(default="", repr=False)
    """The provider's token of the account that it was called back from."""
    evidence_sha256: str = ""
    """Of what was staged last."""
    is_submitted: bool = False
    """Evidence was submitted."""
    traveler_id: PersonId | None = None
    """Whose the delivery is by now: a relay may have given it another traveler than it was ordered for."""


@dataclass(frozen=True, slots=True)
class RecallPlan:
    """What is to be taken back from the traveler while a chargeback is undecided."""

    is_under_way: bool
    """A transfer has been asked for and nobody knows yet whether it left: look again."""
    amount: Money
    """How much; zero when nothing is to be taken back."""
    transfer_operation_id: str = ""
    """The transfer it is taken back from."""
    account: str = field(default="", repr=False)
    """The provider's token of the traveler's account."""


@dataclass(frozen=True, slots=True)
class SubmitEvidence:
    """Staff have the evidence submitted now."""

    actor: Actor = Actor(Role.OPERATOR)  # noqa: RUF009 -- It is frozen.
    """A support agent or an operator; an operator without a name when none."""


@dataclass(frozen=True, slots=True)
class NameBearer:
    """Staff say who bears what a lost chargeback takes beyond the payment and the traveler's pay."""

    actor: Actor = Actor(Role.OPERATOR)  # noqa: RUF009 -- It is frozen.
    """A support agent or an operator; an operator without a name when none."""
    bearer: Bearer = Bearer.PLATFORM
    """The customer, the traveler or the platform."""
    reason: str = ""
    """Why, for the audit trail; no personal data."""


SKIPPABLE_STEPS = frozenset({"recall_transfer", "pay_out_again"})
"""What is not recalled is the traveler's debt if it is lost; what is not paid out stays owed."""
MONEY_STEPS = frozenset({"recall_transfer", "release_again", "pay_out_again"})
"""Steps that a person may have done at the provider."""
RECOVERING_STEPS = frozenset({"read_dispute", "stage_evidence", "submit_evidence"})
"""Steps that are tried again by themselves: they move no money, and time matters to them."""


def submit_at(figures: ChargebackPolicy, dispute: DisputeState, opened_at: datetime) -> datetime:
    """Return when evidence is submitted unless staff did it before, in UTC."""
    if dispute.due_by is None:
        return opened_at + timedelta(seconds=figures.answer_s)
    return dispute.due_by - timedelta(seconds=figures.submit_margin_s)


def next_reading_s(figures: ChargebackPolicy, readings: int) -> int:
    """Return how long to wait before an undecided dispute is read again, in whole seconds."""
    return min(figures.read_again_s << min(readings, 30), figures.read_again_s_max)


def check_submit(order: ChargebackOrder, dispute: DisputeState | None, command: Actor) -> None:
    """Check that staff may have the evidence submitted now.

    Raises:
        Refusal: `not_your_role` or `wrong_state`.
    """
    _require_staff(order, command)
    if dispute is None or not dispute.takes_evidence:
        raise Refusal(RefusalCode.WRONG_STATE, "This chargeback takes no evidence now.")


def check_name_bearer(order: ChargebackOrder, status: str, command: NameBearer) -> None:
    """Check that staff may say who bears the rest.

    Raises:
        Refusal: `not_your_role` or `wrong_state`.
    """
    _require_staff(order, command.actor)
    if ChargebackStatus(status) in DECIDED:
        raise Refusal(RefusalCode.WRONG_STATE, f"This chargeback is {status} already.")
    if command.bearer is Bearer.TRAVELER and order.traveler_id is None:
        raise Refusal(RefusalCode.WRONG_STATE, "There is no traveler who could bear it.")


def check_resolve(order: ChargebackOrder, parked: str | None, command: ResolveAttention) -> None:
    """Check that a step is parked, the operator is no party, and no money can be lost this way.

    Raises:
        Refusal: `not_your_role`, `nothing_needs_attention`, `skip_not_safe` or `wrong_state`.
    """
    if command.operator_id is not None and command.operator_id in _parties(order):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "A party of the delivery cannot resolve it.")
    if parked is None:
        raise Refusal(RefusalCode.NOTHING_NEEDS_ATTENTION, "No step of it is parked.")
    if command.action is AttentionAction.SKIP and parked not in SKIPPABLE_STEPS:
        raise Refusal(
            RefusalCode.SKIP_NOT_SAFE, f"{parked} cannot be skipped; retry it, or do it by hand."
        )
    if command.action is not AttentionAction.DONE_BY_HAND:
        return
    if parked not in MONEY_STEPS:
        raise Refusal(RefusalCode.WRONG_STATE, f"Retry {parked}: it sees what you did by itself.")
    if not command.reference.strip():
        raise Refusal(
            RefusalCode.WRONG_STATE, "done_by_hand needs the provider's reference of what was done."
        )


def _require_staff(order: ChargebackOrder, actor: Actor) -> None:
    if actor.role not in (Role.AGENT, Role.OPERATOR):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only staff may do this.")
    if actor.person_id is not None and actor.person_id in _parties(order):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "A party of the delivery cannot act as staff.")


def _parties(order: ChargebackOrder) -> tuple[PersonId | None, ...]:
    return order.customer_id, order.traveler_id
