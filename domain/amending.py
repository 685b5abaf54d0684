"""Staff correct what a delivery says: its deadline, an address, the recipient, the parcel.

Personal data never enters a workflow: addresses and people wait in a prepared row, an amendment, and
the command names its id. The row is taken over in the transaction of the event that says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.contracts import Role, Standing
from domain.deadlines import DeadlineKind
from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId
from domain.status import BEFORE_PICKUP, CLOSED, IN_CUSTODY, DeliveryStatus
from domain.transitions import EventKind

AHEAD_S_MAX = 365 * 86_400
"""Latest deadline that staff may set, counted from now: no delivery takes longer than a year."""
WEIGHT_GRAMS_MAX = 100_000
FACT_AMENDMENT = "amendment"
"""Fact of an event that takes a prepared row over: its id."""
FACT_KIND = "amended"
"""Fact of the same event: what the row is about, an `AmendmentKind`."""
FACT_WEIGHT, FACT_VALUE = "weight_grams", "declared_value_minor"


class AmendmentKind(StrEnum):
    """What a prepared row is about."""

    PICKUP = "pickup"
    DESTINATION = "destination"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class CorrectDeadline:
    """Staff move the armed deadline: `{"due_at": "2026-12-01T12:00:00Z", "reason": "..."}`."""

    due_at: datetime
    """The new deadline, in UTC."""
    reason: str = ""
    """Why, for the audit trail; no personal data."""
    operator_id: PersonId | None = None
    """Who corrects it; nobody by name when none."""
    role: Role = Role.OPERATOR
    """In which capacity: operator or agent."""


@dataclass(frozen=True, slots=True)
class CorrectAddress:
    """Staff correct an address that was prepared: `{"amendment_id": "...", "reason": "..."}`."""

    amendment_id: str
    """The prepared row that holds the address."""
    kind: AmendmentKind = AmendmentKind.DESTINATION
    """Destination or pickup."""
    reason: str = ""
    """Why, for the audit trail; no personal data."""
    operator_id: PersonId | None = None
    """Who corrects it; nobody by name when none."""
    role: Role = Role.OPERATOR
    """In which capacity: operator or agent."""


@dataclass(frozen=True, slots=True)
class CorrectRecipient:
    """Staff name another recipient who was prepared: `{"amendment_id": "...", "reason": "..."}`."""

    amendment_id: str
    """The prepared row that holds name and contact."""
    recipient_id: PersonId | None = None
    """The recipient's account, the same as in the row; none without one."""
    reason: str = ""
    """Why, for the audit trail; no personal data."""
    operator_id: PersonId | None = None
    """Who corrects it; nobody by name when none."""
    role: Role = Role.OPERATOR
    """In which capacity: operator or agent."""


@dataclass(frozen=True, slots=True)
class CorrectParcel:
    """Staff correct what was said of the parcel: `{"weight_grams": 2500, "reason": "..."}`."""

    weight_grams: int | None = None
    """What it weighs; as before when none."""
    declared_value_minor: int | None = None
    """What it is worth, in minor units; as before when none."""
    reason: str = ""
    """Why, for the audit trail; no personal data."""
    operator_id: PersonId | None = None
    """Who corrects it; nobody by name when none."""
    role: Role = Role.OPERATOR
    """In which capacity: operator or agent."""


Amending = CorrectDeadline | CorrectAddress | CorrectRecipient | CorrectParcel

EVENTS: Mapping[type[Amending], EventKind] = {
    CorrectDeadline: EventKind.DEADLINE_CORRECTED,
    CorrectAddress: EventKind.ADDRESS_CORRECTED,
    CorrectRecipient: EventKind.RECIPIENT_CORRECTED,
    CorrectParcel: EventKind.PARCEL_CORRECTED,
}
"""What has happened once a command is carried out."""

_MOVABLE = frozenset(
    {
        DeadlineKind.REQUEST,
        DeadlineKind.PAYMENT,
        DeadlineKind.CHARGE,
        DeadlineKind.PICKUP,
        DeadlineKind.HANDOVER,
        DeadlineKind.REDELIVERY,
        DeadlineKind.LEAVING,
        DeadlineKind.RETURN,
        DeadlineKind.RETURN_INSPECTION,
        DeadlineKind.INSPECTION,
    }
)
"""Clocks of the delivery's people; a dispute's clocks are its own, and providers keep their bounds."""
_WINDOWS = frozenset({DeadlineKind.INSPECTION, DeadlineKind.RETURN_INSPECTION})
"""Clocks at whose end the money goes where the last step sends it."""
_ON_THE_WAY = BEFORE_PICKUP | IN_CUSTODY


@dataclass(frozen=True, slots=True)
class Amendable:
    """What the rules look at."""

    standing: Standing
    """Where the delivery stands; on hold with the clock that was stopped."""
    parties: Sequence[PersonId | None]
    """Everybody who has a part in it."""
    now: datetime
    """The moment of the command, in UTC."""
    money_held_until: datetime | None = None
    """Until when the provider holds the payment at the longest."""
    declared_value_minor_max: int = 0
    """Greatest declared value, in minor units."""
    is_overridden: bool = False
    """Whether two people of staff have taken the last step without its code: its money waits longer."""


def needs_two_people(status: str, kind: AmendmentKind) -> bool:
    """Tell whether one of the staff prepares this and another one has to agree.

    Whoever names another recipient or another door while the traveler carries the parcel decides who
    gets it: nobody of the staff does that alone.
    """
    return kind is not AmendmentKind.PICKUP and status in IN_CUSTODY


def second_person_needed() -> Refusal:
    """Return why one of the staff alone is not enough."""
    return Refusal(
        RefusalCode.SECOND_PERSON_NEEDED,
        "The traveler carries the parcel: prepare this with only_prepare, and somebody else of the "
        "staff takes it over by its amendment_id.",
    )


def check_amend(state: Amendable, command: Amending) -> None:
    """Check that staff may correct this now.

    Raises:
        Refusal: `delivery_closed`, `not_your_role`, `reason_missing`, `wrong_state`,
            `needs_attention` or `amendment_invalid`.
    """
    _require_staff(state, command)
    if isinstance(command, CorrectDeadline):
        _check_deadline(state, command)
    elif isinstance(command, CorrectParcel):
        _require_status(state, BEFORE_PICKUP, "the parcel is with its sender")
        _check_parcel(state, command)
    elif isinstance(command, CorrectAddress) and command.kind is AmendmentKind.PICKUP:
        _require_status(state, BEFORE_PICKUP, "the parcel is with its sender")
    else:
        _require_status(state, _ON_THE_WAY, "the parcel is not handed over")
        if isinstance(command, CorrectAddress) and command.kind is AmendmentKind.RECIPIENT:
            raise _invalid("An address is of the kind pickup or destination.")
    if isinstance(command, CorrectAddress | CorrectRecipient):
        _require_id(command.amendment_id)


def facts_of(command: Amending) -> dict[str, str]:
    """Return what the timeline shows of a correction, and the database takes over by."""
    facts = {"reason": command.reason.strip()}
    if isinstance(command, CorrectDeadline):
        facts["due_at"] = command.due_at.isoformat()
    elif isinstance(command, CorrectParcel):
        values = {FACT_WEIGHT: command.weight_grams, FACT_VALUE: command.declared_value_minor}
        facts |= {name: str(value) for name, value in values.items() if value is not None}
    elif isinstance(command, CorrectAddress):
        facts |= {FACT_AMENDMENT: command.amendment_id, FACT_KIND: str(command.kind)}
    else:
        facts |= {FACT_AMENDMENT: command.amendment_id, FACT_KIND: str(AmendmentKind.RECIPIENT)}
    return facts


def _check_deadline(state: Amendable, command: CorrectDeadline) -> None:
    standing = state.standing
    if standing.attention is not None:
        raise Refusal(
            RefusalCode.NEEDS_ATTENTION,
            "Something needs attention first; resolve it, then correct.",
        )
    if standing.deadline_kind not in _MOVABLE or standing.deadline_at is None:
        raise Refusal(
            RefusalCode.WRONG_STATE, f"The clock {standing.deadline_kind} cannot be moved by staff."
        )
    due_at = command.due_at
    if due_at.tzinfo is None:
        raise _invalid("Name the time zone of the deadline, for example 2026-12-01T12:00:00Z.")
    if due_at <= state.now:
        raise _invalid("The deadline has to be in the future.")
    if due_at > state.now + timedelta(seconds=AHEAD_S_MAX):
        raise _invalid("The deadline is more than a year ahead.")
    if state.money_held_until is not None and due_at > state.money_held_until:
        raise _invalid(
            f"The payment cannot be held so long; at the latest {state.money_held_until:%Y-%m-%d}."
        )
    if state.is_overridden and standing.deadline_kind in _WINDOWS and due_at < standing.deadline_at:
        raise _invalid("After an emergency override nobody of staff shortens the dispute window.")


def _check_parcel(state: Amendable, command: CorrectParcel) -> None:
    weight, value = command.weight_grams, command.declared_value_minor
    if weight is None and value is None:
        raise _invalid("Name the weight or the value.")
    if weight is not None and not 0 < weight <= WEIGHT_GRAMS_MAX:
        raise _invalid(f"The weight has to be 1 to {WEIGHT_GRAMS_MAX} grams.")
    if value is not None and not 0 < value <= state.declared_value_minor_max:
        raise _invalid("The declared value is out of range.")


def _require_staff(state: Amendable, command: Amending) -> None:
    if state.standing.status in CLOSED:
        status = DeliveryStatus(state.standing.status)
        raise Refusal(RefusalCode.DELIVERY_CLOSED, f"The delivery is closed: {status}.")
    is_party = command.operator_id is not None and command.operator_id in state.parties
    if command.role not in (Role.OPERATOR, Role.AGENT) or is_party:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only staff without a part in it may do this.")
    if not command.reason.strip():
        raise Refusal(RefusalCode.REASON_MISSING, "Say why this is corrected.")


def _require_status(state: Amendable, allowed: frozenset[DeliveryStatus], while_words: str) -> None:
    if state.standing.status not in allowed:
        raise Refusal(
            RefusalCode.WRONG_STATE,
            f"The delivery is {state.standing.status}; this is corrected only while {while_words}.",
        )


def _require_id(amendment_id: str) -> None:
    try:
        UUID(amendment_id)
    except ValueError as error:
        raise Refusal(
            RefusalCode.AMENDMENT_UNKNOWN, "The amendment's id is not one of ours."
        ) from error


def _invalid(message: str) -> Refusal:
    return Refusal(RefusalCode.AMENDMENT_INVALID, message)
