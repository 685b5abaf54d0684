"""What a correction writes into the chain of its delivery, and for whose eyes each event is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.contracts import Actor, Role
from domain.correcting.extra_costs import CostReason, event_of
from domain.correcting.rules import CorrectionKind, CorrectionOrder, CorrectionStanding
from domain.ids import CorrectionId, DeliveryId, PersonId
from domain.ledger import Bearer
from domain.messages import CONCERNS, DUE_AT, TRAVELERS
from domain.money import Money
from domain.transitions import EventKind, LateEvent, PaymentIntent


class Fact(StrEnum):
    """Names of the facts of a correction's events."""

    CORRECTION_ID = "correction_id"
    KIND = "correction_kind"
    STATUS = "correction_status"
    """Where the correction stands after the event: a `CorrectionStatus`."""
    AMOUNT = "amount"
    BEARER = "bearer"
    COST_REASON = "cost_reason"
    """What extra costs are for."""
    STEP = "step"
    """Name of the parked step."""
    PROBLEM = "problem"
    """Why it is parked, or waits: a stable code."""
    CLOCK = "clock"
    """The armed clock, a `DeadlineKind`."""
    DUE_AT = DUE_AT
    """When that runs out, in ISO 8601, UTC."""
    NOTE = "note"
    """What staff say about it."""
    REFERENCE = "reference"
    """Where a payment by hand is found."""
    CONCERNS = CONCERNS


FOR_STAFF = frozenset(
    {Fact.STATUS, Fact.STEP, Fact.PROBLEM, Fact.CLOCK, Fact.NOTE, Fact.REFERENCE, Fact.CONCERNS}
)
"""Facts that stay among staff."""

_E, _C, _T = EventKind, Role.CUSTOMER, Role.TRAVELER

_CONCERNED: Mapping[EventKind, tuple[Role, ...]] = {
    _E.GOODWILL_REFUNDED: (_C,),
    _E.TRANSFER_REVERSED: (_T,),
    _E.REVERSAL_REFUSED: (_T,),
    _E.TRAVELER_COMPENSATED: (_T,),
    _E.TIP_PAID: (_C,),
    _E.TIP_UNSETTLED: (_C,),
    _E.TIP_VOID_STARTED: (_C,),
    _E.TIP_DECLINED: (_C,),
    _E.TIP_SENT: (_C, _T),
    _E.EXTRA_COST_ASKED: (_C, _T),
    _E.EXTRA_COST_AGREED: (_C, _T),
    _E.EXTRA_COST_REFUSED: (_C, _T),
    _E.EXTRA_COST_WITHDRAWN: (_C, _T),
    _E.EXTRA_COST_PAID: (_C,),
    _E.EXTRA_COST_UNSETTLED: (_C,),
    _E.EXTRA_COST_VOID_STARTED: (_C,),
    _E.EXTRA_COST_DECLINED: (_C, _T),
    _E.EXTRA_COST_SENT: (_C, _T),
    _E.EXTRA_PAID_OUT: (_T,),
    _E.EXTRA_PAYOUT_SKIPPED: (_T,),
    _E.REFUND_UNDONE: (_C,),
    _E.REFUNDED_AGAIN: (_C,),
    _E.PAYOUT_UNDONE: (_T,),
    _E.PAID_OUT_AGAIN: (_T,),
    _E.CHARGE_UNDONE: (_C,),
}
"""Whom an event concerns besides staff; all others are for staff alone."""
_OF_DEBTOR = frozenset({_E.DEBT_WRITTEN_OFF, _E.DEBT_PAID})


@dataclass(frozen=True, slots=True)
class Correction:
    """What a correction is about, once and for all."""

    correction_id: CorrectionId
    """The correction."""
    delivery_id: DeliveryId
    """The delivery whose money is corrected."""
    kind: CorrectionKind
    """What is corrected."""
    amount: Money
    """How much."""
    traveler_id: PersonId | None
    """The delivery's traveler."""
    bearer: Bearer | None = None
    """For a refund: who bears it."""
    debtor: Bearer | None = None
    """For a debt: who owes it."""
    cost_reason: CostReason | None = None
    """For extra costs: what they are for."""


def correction_of(order: CorrectionOrder) -> Correction:
    """Return what an order is about."""
    return Correction(
        order.correction_id,
        order.delivery_id,
        order.kind,
        order.amount,
        order.traveler_id,
        order.bearer,
        order.debtor,
        order.cost_reason,
    )


def correction_event(
    correction: Correction,
    event: EventKind,
    actor: Actor,
    at: datetime,
    standing: CorrectionStanding,
    *,
    times: int = 0,
    note: str = "",
    reference: str = "",
    intent: PaymentIntent | None = None,
) -> LateEvent:
    """Return an event of a correction, which leaves it with a standing.

    `times` tells events apart that one correction writes more than once.
    """
    event = event_of(correction.kind, event)
    facts = {
        Fact.CORRECTION_ID: correction.correction_id,
        Fact.KIND: correction.kind,
        Fact.STATUS: standing.status,
        Fact.AMOUNT: str(correction.amount),
        Fact.BEARER: correction.bearer or "",
        Fact.COST_REASON: correction.cost_reason or "",
        Fact.STEP: standing.step,
        Fact.PROBLEM: standing.problem,
        Fact.CLOCK: standing.deadline_kind or "",
        Fact.DUE_AT: standing.deadline_at.isoformat() if standing.deadline_at else "",
        Fact.NOTE: note,
        Fact.REFERENCE: reference,
    }
    told = {str(name): str(fact) for name, fact in facts.items() if fact}
    if correction.kind is CorrectionKind.PAYOUT_AGAIN and correction.traveler_id:
        # It may have come back from one who handed the parcel on.
        told[TRAVELERS] = correction.traveler_id
    suffix = f":{times}" if times else ""
    return LateEvent(
        delivery_id=correction.delivery_id,
        key=f"{event}:{correction.correction_id}{suffix}",
        event=event,
        actor=actor,
        at=at,
        facts={**told, str(Fact.CONCERNS): " ".join(_concerned(correction, event))},
        intent=intent,
    )


def _concerned(correction: Correction, event: EventKind) -> tuple[Role, ...]:
    if event in _OF_DEBTOR:
        return (Role(str(correction.debtor)),) if correction.debtor else ()
    roles = _CONCERNED.get(event, ())
    if event is _E.GOODWILL_REFUNDED and correction.bearer is Bearer.TRAVELER:
        return (*roles, _T)
    return roles
