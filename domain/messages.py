"""Who is told what when a delivery changes: rules only; the words are in `domain.wording`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.audiences import TOLD
from domain.contracts import CodePurpose, Role, Standing
from domain.deadlines import DeadlineKind
from domain.ids import PersonId
from domain.money import Money
from domain.status import DisputeStatus, EscrowStatus, OfferStatus
from domain.transitions import EventKind, OfferChange, OperationKind, Transition


class Channel(StrEnum):
    """How a message reaches a person: a text message when there is a phone number, else mail."""

    SMS = "sms"
    MAIL = "mail"


class NotificationState(StrEnum):
    """What became of one message."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"


NO_ADDRESS = "no_address"
"""Error of a message to a person with neither phone nor mail address; it is refused at once."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message that a transition owes to one person."""

    audience: Role
    """In which capacity the person is told; with `kind` it chooses the words."""
    kind: EventKind
    """What happened."""
    parameters: dict[str, str]
    """What the words need, as stored with the message; see `Parameter`. No personal data."""
    person_id: PersonId | None = None
    """The traveler or the agent it is for. None for the customer, the sender and the recipient, whom the parcel
    itself names."""


class Parameter(StrEnum):
    """Names of the values that fill a message in."""

    REFERENCE = "reference"
    """Short name of the delivery."""
    PRICE = "price"
    """Agreed or offered price, as `EUR 42.00`."""
    DUE_AT = "due_at"
    """When the armed clock runs out, in ISO 8601, UTC."""
    AMOUNT = "amount"
    """What was moved, as `EUR 37.80`: the traveler's share or what the customer got back."""
    REFUND = "refund"
    """What the customer gets back by a verdict."""
    RELEASE = "release"
    """What is released on the traveler's side by a verdict, platform fee included."""
    OUTCOME = "outcome"
    """The verdict: a `VerdictOutcome`."""
    REASON = "reason"
    """Why a dispute was opened, a handover failed, or where a parcel was left."""
    CAUSE = "cause"
    """Who cancelled: a `Role`; `platform` when a deadline passed."""


CONCERNS = "concerns"
"""Fact of an event that is not for both sides: the roles it is for, with spaces in between."""
LEAVING = "leaving"
"""Fact of a capture for somebody who leaves: what follows at once tells everybody but the sender."""
TRAVELERS = "travelers"
"""Fact of an event about other travelers than the one who carries: their ids, with spaces in between."""
DUE_AT = "due_at"
"""Fact of an event with a clock of its own, besides the delivery's: when that runs out."""

CODE_SHOWN: Mapping[tuple[EventKind, Role], CodePurpose] = {
    (EventKind.PAYMENT_HELD, Role.SENDER): CodePurpose.PICKUP,
    (EventKind.PAYMENT_AUTHORISED, Role.SENDER): CodePurpose.PICKUP,
    (EventKind.PICKUP_CODE_RENEWED, Role.SENDER): CodePurpose.PICKUP,
    (EventKind.PICKED_UP, Role.RECIPIENT): CodePurpose.HANDOVER,
    (EventKind.PICKUP_OVERRIDDEN, Role.RECIPIENT): CodePurpose.HANDOVER,
    (EventKind.ARRIVED, Role.RECIPIENT): CodePurpose.HANDOVER,
    (EventKind.RECIPIENT_CORRECTED, Role.RECIPIENT): CodePurpose.HANDOVER,
    (EventKind.PICKUP_UNDONE, Role.SENDER): CodePurpose.PICKUP,
    (EventKind.HANDOVER_UNDONE, Role.RECIPIENT): CodePurpose.HANDOVER,
    (EventKind.RETURN_STARTED, Role.SENDER): CodePurpose.RETURN,
    (EventKind.RELAY_AGREED, Role.TRAVELER): CodePurpose.RELAY,
}
"""Messages with a link to a code. The link is derived when the message is sent, never stored.

Nobody can go on without them, and to read one twice does no harm. So they are sent again when nobody
knows whether they left; all others are not.
"""
TRIES_IN_DOUBT_MAX = 3
"""After so many tries a message whose outcome is unknown is not sent again."""

_SETTLED_BY_VERDICT: Mapping[EventKind, frozenset[Role]] = {
    EventKind.REFUND_STARTED: frozenset({Role.CUSTOMER, Role.SENDER, Role.TRAVELER}),
    EventKind.RELEASED: frozenset({Role.CUSTOMER}),
}
"""Whom the verdict has told already what this event would say again."""
_WITH_REASON = frozenset(
    {
        EventKind.DISPUTE_OPENED,
        EventKind.HANDOVER_FAILED,
        EventKind.PARCEL_LEFT,
        EventKind.RETURN_STARTED,
        EventKind.PICKUP_OVERRIDDEN,
        EventKind.HANDOVER_OVERRIDDEN,
        EventKind.RETURN_OVERRIDDEN,
    }
)
"""Events whose reason people are told."""

_WAITS_FOR: Mapping[str, Role] = {
    OperationKind.REFUND: Role.CUSTOMER,
    OperationKind.TRANSFER: Role.TRAVELER,
    OperationKind.PAYOUT: Role.TRAVELER,
}
"""Whose money a frozen movement is."""
_FOLLOWED_VOIDS = frozenset({"cancelled", "replaced"})
"""Reasons of a voided charge after which the customer hears of the outcome at once."""
_CANCELLATIONS = frozenset(
    {
        EventKind.CANCELLED,
        EventKind.CANCELLATION_STARTED,
        EventKind.REFUND_STARTED,
        EventKind.LIFT_STARTED,
        EventKind.TRAVELER_LEFT,
    }
)
_UNTOLD_CLOCKS = frozenset(
    {DeadlineKind.PROVIDER, DeadlineKind.ATTENTION, DeadlineKind.HOLD, DeadlineKind.SOS}
)


def notices_for(transition: Transition) -> tuple[Notice, ...]:
    """Return the messages that a transition owes, at most one per person.

    Shape: most specific first. Where one person has two capacities (a customer who is also the
    sender), the first of that person's messages is the one to write; the others are dropped.
    Several messages may share the audience `traveler`, each with its own `person_id`.
    """
    if transition.event is EventKind.OFFER_COUNTERED:
        return tuple(_countered(transition, offer) for offer in transition.offers)
    told = (
        _standing_notice(transition, role, person_id)
        for role in _audiences(transition)
        for person_id in _named_people(transition, role)
    )
    refused = (
        _offer_notice(transition, Role.TRAVELER, offer)
        for offer in transition.offers
        if offer.status == OfferStatus.REFUSED
    )
    return _one_per_person([*(notice for notice in told if notice is not None), *refused])


def reference_of(delivery_id: str) -> str:
    """Return the short name of a delivery in messages: the last six digits of its id."""
    return delivery_id[-6:].upper()


def _audiences(transition: Transition) -> tuple[Role, ...]:
    roles = _told_at_once(transition)
    if transition.event is EventKind.RELEASE_FROZEN:
        waiting = _WAITS_FOR.get(transition.facts.get("frozen", ""))
        return tuple(role for role in roles if waiting in (None, role))
    if transition.standing.dispute != DisputeStatus.NONE or _is_shared_out(transition):
        roles = tuple(
            role for role in roles if role not in _SETTLED_BY_VERDICT.get(transition.event, ())
        )
    if transition.event in _CANCELLATIONS and transition.actor.role is Role.TRAVELER:
        return tuple(role for role in roles if role is not Role.TRAVELER)
    concerned = transition.facts.get(CONCERNS)
    if transition.event is EventKind.PROPOSAL_MADE:
        return tuple(role for role in roles if role is not transition.actor.role)
    if concerned is not None:
        return tuple(role for role in roles if role in concerned.split())
    return roles


def _told_at_once(transition: Transition) -> tuple[Role, ...]:
    """Return who is told, without those whom what follows at once tells the same."""
    roles = TOLD.get(transition.event, ())
    is_void = transition.event is EventKind.PAYMENT_VOIDED
    if is_void and transition.facts.get("reason") in _FOLLOWED_VOIDS:
        return ()
    if LEAVING in transition.facts:
        return tuple(role for role in roles if role is Role.SENDER)
    return roles


def _is_shared_out(transition: Transition) -> bool:
    """Tell whether the customer got a part back, of which nobody says that all was released."""
    return transition.standing.escrow == EscrowStatus.SPLIT


def _standing_notice(
    transition: Transition, audience: Role, person_id: PersonId | None
) -> Notice | None:
    if audience in (Role.TRAVELER, Role.AGENT) and person_id is None:
        return None
    price = transition.standing.price
    if price is None and transition.offers:
        price = transition.offers[0].price
    return Notice(audience, transition.event, _parameters(transition, price), person_id)


def _named_people(transition: Transition, audience: Role) -> tuple[PersonId | None, ...]:
    """Return who is meant by an audience that the parcel does not name."""
    if audience is Role.AGENT:
        return (transition.dispute.agent_id if transition.dispute else None,)
    if audience is not Role.TRAVELER:
        return (None,)
    if TRAVELERS in transition.facts:
        return tuple(PersonId(each) for each in transition.facts[TRAVELERS].split())
    return (transition.standing.traveler_id,)


def _offer_notice(transition: Transition, audience: Role, offer: OfferChange) -> Notice:
    person_id = offer.traveler_id if audience is Role.TRAVELER else None
    return Notice(audience, transition.event, _parameters(transition, offer.price), person_id)


def _countered(transition: Transition, offer: OfferChange) -> Notice:
    other_side = Role.CUSTOMER if offer.proposed_by == Role.TRAVELER else Role.TRAVELER
    return _offer_notice(transition, other_side, offer)


def _one_per_person(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    first: dict[str, Notice] = {}
    for notice in notices:
        first.setdefault(notice.person_id or notice.audience, notice)
    return tuple(first.values())


def _parameters(transition: Transition, price: Money | None) -> dict[str, str]:
    facts, standing = transition.facts, transition.standing
    values: dict[Parameter, str | None] = {
        Parameter.REFERENCE: reference_of(transition.delivery_id),
        Parameter.PRICE: str(price) if price is not None else None,
        Parameter.DUE_AT: facts.get(DUE_AT) or _due_at(standing),
        Parameter.AMOUNT: facts.get("amount"),
        Parameter.REFUND: _fact_amount(facts, "refund_minor", standing),
        Parameter.RELEASE: _fact_amount(facts, "release_minor", standing),
        Parameter.OUTCOME: facts.get("outcome"),
        Parameter.REASON: facts.get("reason") if transition.event in _WITH_REASON else None,
        Parameter.CAUSE: transition.actor.role if transition.event in _CANCELLATIONS else None,
    }
    return {str(name): str(value) for name, value in values.items() if value is not None}


def _due_at(standing: Standing) -> str | None:
    if standing.deadline_at is None or standing.deadline_kind in _UNTOLD_CLOCKS:
        return None
    return standing.deadline_at.isoformat()


def _fact_amount(facts: Mapping[str, str], name: str, standing: Standing) -> str | None:
    if standing.price is None or not facts.get(name, "").isdecimal():
        return None
    return str(Money(int(facts[name]), standing.price.currency))
