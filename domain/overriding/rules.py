"""What an emergency override is, who may ask for one, who may approve it, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.contracts import Actor, CodePurpose, Role
from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId, PersonId
from domain.overriding.policy import OverridePolicy

STEPS = frozenset({CodePurpose.PICKUP, CodePurpose.HANDOVER, CodePurpose.RETURN})
"""Steps that can be overridden; a relay is agreed on by both travelers, and needs no emergency."""
STAFF = frozenset({Role.AGENT, Role.OPERATOR})
"""In which capacities staff ask, approve and refuse."""


class OverrideCause(StrEnum):
    """Why no code can be scanned; both parties are told of it."""

    POLICE = "police"
    """The police have the parcel or one of the people, or order the step."""
    MEDICAL = "medical"
    """Somebody was taken ill or hurt."""
    ACCIDENT = "accident"
    """An accident on the way."""
    DEVICE_LOST = "device_lost"
    """A phone was lost, stolen or broken."""
    OUTAGE = "outage"
    """Nothing could be scanned for reasons of ours or of the network."""


class OverrideStatus(StrEnum):
    """How far an override is."""

    ASKED = "asked"
    APPROVED = "approved"
    """Approved, and on its way to the delivery."""
    APPLIED = "applied"
    """Custody has moved."""
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    """Nobody approved it in time."""
    FAILED = "failed"
    """It was approved and the delivery refused it, for example because the code was scanned first."""


OVER = frozenset(OverrideStatus) - {OverrideStatus.ASKED, OverrideStatus.APPROVED}
"""Where nothing can happen to an override any more."""


class OverrideFact(StrEnum):
    """Names of what the events of an override say."""

    OVERRIDE_ID = "override_id"
    STEP = "step"
    CAUSE = "reason"
    ASKED_BY = "asked_by"
    ASKED_BY_ROLE = "asked_by_role"
    APPROVED_BY = "approved_by"
    APPROVAL_ID = "approval_id"
    BECAUSE = "because"


@dataclass(frozen=True, slots=True)
class OverrideOrder:
    """Input of the override workflow. What staff wrote about it is in the database, encrypted."""

    override_id: str
    """The override; the workflow id is `override:<override_id>`."""
    delivery_id: DeliveryId
    """The one delivery that it is about."""
    step: CodePurpose
    """The one step that it is about."""
    cause: OverrideCause
    """Why no code can be scanned."""
    asked_by: Actor
    """Who of the staff asks, and in which capacity."""
    asked_at: datetime
    """When it was asked for, in UTC."""
    policy: OverridePolicy = field(default_factory=OverridePolicy)
    """Windows as they were then."""

    @property
    def due_at(self) -> datetime:
        """Until when somebody else may approve it."""
        return self.asked_at + timedelta(seconds=self.policy.approval_s)


@dataclass(frozen=True, slots=True)
class DecideOverride:
    """Somebody approves an override, refuses it or takes it back."""

    actor: Actor
    """Who, and in which capacity."""
    note: str = ""
    """Why, for staff; no personal data."""
    approval_id: str = ""
    """The approval as the API keeps it, by the person who gave it; empty where nothing is approved."""


@dataclass(frozen=True, slots=True)
class OverrideNote:
    """How far an override is, to be written down with its event."""

    order: OverrideOrder
    status: OverrideStatus
    actor: Actor
    at: datetime
    because: str = ""
    """Code of why the delivery refused it."""
    note: str = ""
    """What whoever decided said about it."""
    approval_id: str = ""
    """What an approval refers to; whoever is named as actor is believed by this alone."""


@dataclass(frozen=True, slots=True)
class OverrideStanding:
    """Where an override stands."""

    status: OverrideStatus
    because: str = ""
    """Code of why the delivery refused it."""


@dataclass(frozen=True, slots=True)
class OverrideStep:
    """An approved override reaches its delivery: custody moves without a code."""

    order: OverrideOrder
    """What was asked for."""
    approved_by: Actor
    """Who approved it."""


def check_ask(order: OverrideOrder, parties: Sequence[PersonId | None]) -> None:
    """Check that staff without a part in the delivery ask, for a step that can be overridden.

    Raises:
        Refusal: `not_your_role` or `wrong_state`.
    """
    _require_neutral_staff(order.asked_by, parties)
    if order.step not in STEPS:
        raise Refusal(RefusalCode.WRONG_STATE, f"A {order.step} cannot be overridden.")


def check_decision(status: OverrideStatus, due_at: datetime, now: datetime) -> None:
    """Check that an override can still be decided.

    Raises:
        Refusal: `override_expired` or `wrong_state`.
    """
    if status is OverrideStatus.EXPIRED or (status is OverrideStatus.ASKED and now >= due_at):
        raise Refusal(RefusalCode.OVERRIDE_EXPIRED, "Nobody approved it in time; ask anew.")
    if status is not OverrideStatus.ASKED:
        raise Refusal(RefusalCode.WRONG_STATE, f"This override is {status} already.")


def check_approver(order: OverrideOrder, actor: Actor, parties: Sequence[PersonId | None]) -> None:
    """Check that another person in another role, with no part in the delivery, approves.

    Raises:
        Refusal: `not_your_role` or `override_same_person`.
    """
    _require_neutral_staff(actor, parties)
    if actor.person_id == order.asked_by.person_id:
        raise Refusal(
            RefusalCode.OVERRIDE_SAME_PERSON, "Somebody else than whoever asks has to approve it."
        )
    if actor.role is order.asked_by.role:
        raise Refusal(
            RefusalCode.NOT_YOUR_ROLE,
            f"It was asked for by an {actor.role}: another role approves.",
        )


def check_refuser(order: OverrideOrder, actor: Actor, parties: Sequence[PersonId | None]) -> None:
    """Check that staff without a part in the delivery refuse; in which role is no matter.

    Raises:
        Refusal: `not_your_role`.
    """
    _require_neutral_staff(actor, parties)
    if actor.person_id == order.asked_by.person_id:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Take back what you have asked for yourself.")


def check_withdrawal(order: OverrideOrder, actor: Actor) -> None:
    """Check that whoever asked takes it back.

    Raises:
        Refusal: `not_your_role`.
    """
    if actor.person_id is None or actor.person_id != order.asked_by.person_id:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only whoever asked for it takes it back.")


def check_ties(ties: Sequence[str]) -> None:
    """Check that nobody has two accounts in it: staff among themselves, or with a party.

    Raises:
        Refusal: `override_same_person`; it does not say by what, for that would teach how to hide it.
    """
    if ties:
        raise Refusal(
            RefusalCode.OVERRIDE_SAME_PERSON,
            "Two accounts in this override belong together: somebody else has to do it.",
        )


def _require_neutral_staff(actor: Actor, parties: Sequence[PersonId | None]) -> None:
    if actor.role not in STAFF or actor.person_id is None:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only agents and operators may do this, by name.")
    if actor.person_id in parties:
        raise Refusal(
            RefusalCode.NOT_YOUR_ROLE, "A party of the delivery cannot act as staff in it."
        )
