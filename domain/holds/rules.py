"""A delivery on hold: its clock stands still, no money leaves, and staff are told until it goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.contracts import Actor, Role, Standing
from domain.deadlines import DeadlineKind
from domain.errors import Refusal, RefusalCode
from domain.holds.policy import HoldPolicy
from domain.holds.risky import require_decision_id
from domain.ids import PersonId
from domain.status import CLOSED, DeliveryStatus
from domain.transitions import EventKind, Transition

HOLD_WAITS = "hold_waits"
"""Attention of a hold that staff are reminded of; it ends with the hold."""
HOLD_OVERDUE = "hold_overdue"
"""Attention of a hold that lasts for too long; it ends with the hold."""
SOS = "sos"
"""Attention of a call for help that nobody has closed yet; it ends with the hold."""
OF_HOLDS = frozenset({HOLD_WAITS, HOLD_OVERDUE, SOS})
"""What a hold may need attention for; no step is parked then."""
CLOCKS_OF_HOLDS = frozenset({DeadlineKind.HOLD, DeadlineKind.SOS})
"""What is shown while a delivery is on hold: when staff are told of it next."""
REASON_CHARACTERS_MAX = 500


@dataclass(frozen=True, slots=True)
class HoldDelivery:
    """Staff freeze a delivery. From the Web UI: `{"reason": "The customer reports fraud."}`."""

    reason: str = ""
    """Why, for staff and the audit trail; no personal data. A hold without a reason is refused."""
    operator_id: PersonId | None = None
    """Who freezes it, as a person of the platform; nobody by name when none."""
    role: Role = Role.OPERATOR
    """In which capacity: operator or agent."""
    risk_decision_id: str = ""
    """The decision about risk that asks for the hold; empty when somebody of the staff does."""


@dataclass(frozen=True, slots=True)
class ResumeDelivery:
    """Staff let a delivery go on. Every field may be left out: `{}`."""

    reason: str = ""
    """What was found out, for staff and the audit trail; no personal data."""
    operator_id: PersonId | None = None
    """Who resumes it, as a person of the platform; nobody by name when none."""
    role: Role = Role.OPERATOR
    """In which capacity: operator or agent."""
    risk_decision_id: str = ""
    """A decision about risk that was looked at and may pass, besides the one behind the hold itself."""
    lets_risk_pass: bool = True
    """Whether what the hold was placed for may pass; not where it goes on only to be ended, or as one of
    many that nobody has looked at."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold that is in force."""

    reason: str
    """Why."""
    placed_by: Actor
    """Who froze the delivery."""
    since: datetime
    """Since when, in UTC."""
    tellings: int = 0
    """How often staff were told that it lasts."""
    sos_at: datetime | None = None
    """When somebody called for help, in UTC; none for a hold that no such call is behind."""
    risk_decision_id: str = ""
    """The decision about risk that has placed it; empty for every other hold."""

    @property
    def clock(self) -> DeadlineKind:
        """The clock that is shown while it is in force."""
        return DeadlineKind.HOLD if self.sos_at is None else DeadlineKind.SOS


@dataclass(frozen=True, slots=True)
class StoppedClock:
    """What was armed when the delivery was frozen."""

    kind: str | None
    """The clock, a `DeadlineKind`; none when none was armed."""
    due_at: datetime | None
    """When it would have run out, in UTC."""
    since: datetime
    """Since when it stands still, in UTC."""


def check_hold(
    status: str, parties: Sequence[PersonId | None], hold: Hold | None, command: HoldDelivery
) -> None:
    """Check that staff may freeze the delivery.

    Raises:
        Refusal: `delivery_closed`, `not_your_role`, `on_hold` or `reason_missing`.
    """
    _require_staff(status, parties, command.operator_id, command.role)
    if hold is not None:
        raise Refusal(RefusalCode.ON_HOLD, "The delivery is on hold already.")
    if not command.reason.strip():
        raise Refusal(RefusalCode.REASON_MISSING, "Say why the delivery is put on hold.")
    if len(command.reason) > REASON_CHARACTERS_MAX:
        raise Refusal(
            RefusalCode.REASON_MISSING,
            f"Say why in {REASON_CHARACTERS_MAX} characters; evidence belongs elsewhere.",
        )
    require_decision_id(command.risk_decision_id)


def check_resume(
    status: str, parties: Sequence[PersonId | None], hold: Hold | None, command: ResumeDelivery
) -> None:
    """Check that staff may let the delivery go on.

    Raises:
        Refusal: `delivery_closed`, `not_your_role`, `not_on_hold` or `reason_missing`.
    """
    _require_staff(status, parties, command.operator_id, command.role)
    if hold is None:
        raise Refusal(RefusalCode.NOT_ON_HOLD, "The delivery is not on hold.")
    if hold.sos_at is not None and not command.reason.strip():
        raise Refusal(
            RefusalCode.REASON_MISSING,
            "Somebody has called for help: say what was found out before the delivery goes on.",
        )
    if len(command.reason) > REASON_CHARACTERS_MAX:
        raise Refusal(
            RefusalCode.REASON_MISSING, f"Say it in {REASON_CHARACTERS_MAX} characters at most."
        )
    require_decision_id(command.risk_decision_id)


def refuse_on_hold() -> None:
    """Refuse a command to a delivery that is on hold.

    Raises:
        Refusal: `on_hold`.
    """
    raise Refusal(
        RefusalCode.ON_HOLD,
        "The delivery is on hold: its deadlines stand still, and nothing changes until staff have "
        "looked into it.",
    )


def frozen(
    standing: Standing, hold: Hold, policy: HoldPolicy, now: datetime
) -> tuple[StoppedClock, Standing]:
    """Return the clock that stops and where the delivery stands without it."""
    stopped = StoppedClock(standing.deadline_kind, standing.deadline_at, now)
    return stopped, shown_on_hold(standing, hold, policy, now)


def shown_on_hold(standing: Standing, hold: Hold, policy: HoldPolicy, now: datetime) -> Standing:
    """Return where a delivery stands while it is on hold; a parked step stays what is looked at first."""
    told_at = max(next_telling(hold, policy), now)
    is_called = hold.sos_at is not None and standing.attention in (None, *OF_HOLDS)
    attention = SOS if is_called else standing.attention
    return replace(standing, deadline_kind=hold.clock, deadline_at=told_at, attention=attention)


def thawed(standing: Standing, stopped: StoppedClock, now: datetime) -> Standing:
    """Return where the delivery stands once its clock goes on, later by as long as it stood still."""
    if standing.deadline_kind not in CLOCKS_OF_HOLDS:
        return standing
    due_at = None if stopped.due_at is None else stopped.due_at + (now - stopped.since)
    attention = None if standing.attention in OF_HOLDS else standing.attention
    return replace(standing, deadline_kind=stopped.kind, deadline_at=due_at, attention=attention)


def next_telling(hold: Hold, policy: HoldPolicy) -> datetime:
    """Return when staff are told next that a hold lasts."""
    if hold.sos_at is not None:
        waits = (
            min(policy.sos_answer_s << n, policy.sos_again_s_max) for n in range(hold.tellings + 1)
        )
        return hold.sos_at + timedelta(seconds=sum(waits))
    if hold.tellings == 0:
        return hold.since + timedelta(seconds=policy.reminder_s)
    alarms = hold.tellings - 1
    return hold.since + timedelta(seconds=policy.alarm_s + alarms * policy.alarm_again_s)


def told_again(
    standing: Standing, hold: Hold, policy: HoldPolicy
) -> tuple[EventKind, Hold, Standing]:
    """Return what staff are told now, with the hold and the standing that follow.

    It is a reminder first, then an alarm for as long as the hold lasts. A parked step stays what
    needs attention first.
    """
    told = replace(hold, tellings=hold.tellings + 1)
    if hold.sos_at is not None:
        due_at = next_telling(told, policy)
        return EventKind.SOS_UNANSWERED, told, replace(standing, deadline_at=due_at)
    is_reminder = hold.tellings == 0
    attention = HOLD_WAITS if is_reminder else HOLD_OVERDUE
    if standing.attention is not None and standing.attention not in OF_HOLDS:
        attention = standing.attention
    event = EventKind.HOLD_REMINDED if is_reminder else EventKind.HOLD_OVERDUE
    due_at = next_telling(told, policy)
    return event, told, replace(standing, attention=attention, deadline_at=due_at)


def dated(transition: Transition, now: datetime) -> Transition:
    """Return a transition that was made before a hold as it is made after it."""
    standing, late_by = transition.standing, now - transition.at
    if standing.deadline_at is not None:
        standing = replace(standing, deadline_at=standing.deadline_at + late_by)
    return replace(transition, at=now, standing=standing)


def _require_staff(
    status: str, parties: Sequence[PersonId | None], staff_id: PersonId | None, role: Role
) -> None:
    if status in CLOSED:
        raise Refusal(
            RefusalCode.DELIVERY_CLOSED, f"The delivery is closed: {DeliveryStatus(status)}."
        )
    if role not in (Role.OPERATOR, Role.AGENT):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only staff may do this.")
    if staff_id is not None and staff_id in parties:
        raise Refusal(
            RefusalCode.NOT_YOUR_ROLE, "A party of the delivery cannot act as staff in it."
        )
