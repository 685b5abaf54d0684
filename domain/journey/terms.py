"""What may go wrong between pickup and handover, in words and figures that orders carry."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class UndeliverableAction(StrEnum):
    """What the customer wants done with a parcel that cannot be handed over."""

    RETRY = "retry"
    """The traveler tries again, a few times; then it comes back."""
    NEIGHBOUR = "neighbour"
    """The traveler may leave it with a neighbour of an absent recipient."""
    SAFE_PLACE = "safe_place"
    """The traveler may leave it at a safe place of an absent recipient."""
    RETURN = "return"
    """It comes back to its sender at once."""


LEAVING = frozenset({UndeliverableAction.NEIGHBOUR, UndeliverableAction.SAFE_PLACE})
"""Actions by which the parcel stays at its destination without the recipient's code."""


class HandoverObstacle(StrEnum):
    """Why a parcel could not be handed over."""

    RECIPIENT_ABSENT = "recipient_absent"
    RECIPIENT_REFUSES = "recipient_refuses"
    WRONG_ADDRESS = "wrong_address"
    PARCEL_DAMAGED = "parcel_damaged"


class LossKind(StrEnum):
    """What became of a parcel on its way."""

    LOST = "lost"
    STOLEN = "stolen"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class CoverPolicy:
    """What the platform covers of the declared value of a parcel. Units: euro cents."""

    cover_minor_max: int = 50_000
    """The most for one parcel: what most luggage insurances pay for one piece."""


NO_COVER = CoverPolicy(cover_minor_max=0)
"""What the oldest deliveries were opened under."""


@dataclass(frozen=True, slots=True)
class UndoPolicy:
    """How a step that was confirmed by mistake is taken back. Units: whole seconds and counts."""

    window_s: int = 60
    """From the step on; zero where nothing can be undone. A minute: both sides still stand there."""
    times_max: int = 3
    """Steps that are undone over the life of a delivery: more are no mistakes."""
    retry_s: int = 900
    """Time for another try, where less is left until the deadline of the step."""


NO_UNDO = UndoPolicy(window_s=0)
"""Nothing can be undone: how the oldest deliveries go on."""


@dataclass(frozen=True, slots=True)
class SilencePolicy:
    """When a traveler of whom nothing is heard is asked for, and by whom. Units: whole seconds."""

    silence_s: int = 24 * 3_600
    """From the last sign of life to the first question; zero where nobody asks. A day: phones are
    off-line on planes and ships, and most ways take less."""
    answer_s: int = 6 * 3_600
    """Time to answer before the traveler is urged and the customer told: a night's sleep."""
    urgent_answer_s: int = 12 * 3_600
    """Time to answer then, before an agent looks for the parcel."""
    late_warning_s: int = 6 * 3_600
    """How long before the handover is overdue the traveler is warned, on ways of twice that at least:
    time enough for the last leg of most ways."""


UNWATCHED = SilencePolicy(silence_s=0)
"""Nobody asks before the handover is overdue: how the oldest deliveries go on."""


@dataclass(frozen=True, slots=True)
class JourneyPolicy:
    """Clocks, counts and shares of a delivery that is on its way. Units: whole seconds."""

    retry_s: int = 24 * 3_600
    """Time for another try after a failed handover: recipients are at home once a day."""
    failed_handovers_max: int = 3
    """Failed handovers after which the parcel goes back, whatever was chosen: a traveler has other
    things to do."""
    position_age_s_max: int = 15 * 60
    """How old the traveler's last position may be to stand for one that a report does not carry."""
    return_s: int = 7 * 86_400
    """Time to bring the parcel back: most travelers go home within the week."""
    return_inspection_s: int = 48 * 3_600
    """Dispute window after a return: as long as the one after a handover."""
    return_share_points: int = 5_000
    """Share of the price, in ten-thousandths, that is released on the traveler's side after a return
    that was nobody's fault on the way: the way was made twice, and yet the parcel did not arrive. The
    customer gets the rest back; the platform's fee comes out of the released part."""
    damaged_return_share_points: int = 0
    """The same for a parcel that could not be handed over because it was damaged on the way."""


@dataclass(frozen=True, slots=True)
class RelayPolicy:
    """When and how a parcel may be handed on to a second traveler. Units: whole seconds."""

    consent_s: int = 6 * 3_600
    """Time for the customer to agree: the parcel waits meanwhile, and most people look within hours."""
    answer_s: int = 6 * 3_600
    """Time for the second traveler to accept the terms: as long as the customer has."""
    meeting_s: int = 24 * 3_600
    """Time to meet and scan: travelers in the same town find an hour within a day."""
    extension_s_max: int = 5 * 86_400
    """How much later than before the handover may become: half of what a way may take at all."""
    relays_max: int = 1
    """Relays of one delivery: with each the proof of where something happened gets weaker."""
    asks_max: int = 5
    """Relays asked for, whatever became of them: the customer is no lottery, and each costs history."""
    share_points_min: int = 500
    """Least share of the second traveler in ten-thousandths: nobody carries for nothing."""
    share_points_max: int = 9_500
    """Greatest share of the second traveler: who gives everything away gives the parcel away."""
    meeting_radius_m: int = 300
    """How far the travelers' positions may be from each other at the scan: city positions are off by
    up to 100 m, each."""
    way_s_min: int = 2 * 3_600
    """Least time for the second traveler's way: whatever was agreed, the scan begins no overdue one."""
