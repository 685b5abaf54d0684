"""What is known about one scan or one deal when its risk is judged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from domain.handover.places import Fix
from domain.pricing import distance_m

KM_H_MAX = 1_000_000
"""Greatest speed that is told apart: beyond it, two positions are simply at the same time."""

WRONG_TRIES = frozenset(
    {
        "code_foreign",
        "code_held_elsewhere",
        "code_version_wrong",
        "code_wrong",
        "device_wrong",
        "not_your_role",
        "own_delivery",
        "place_mocked",
        "place_too_far",
    }
)
"""Refusals that count as wrong tries. What a slow phone or a second frame of the camera is refused for
does not: `code_outdated`, `code_already_used`, a missing position."""


@dataclass(frozen=True, slots=True)
class RiskSignals:
    """The signals of one attempt. Units: ages in seconds, counts; none where nothing is known.

    Greater is worse, but for the two ages.
    """

    device_age_s: int | None = None
    """Age of the registration of the device that scans; none when no device signs."""
    devices_since_deal: int = 0
    """1 when that device was registered after the deal was made."""
    jump_km_h: int | None = None
    """Speed that the way from the last known position to this one implies."""
    mocked_positions: int = 0
    """1 when the phone says that the position is made up."""
    attempts_of_hour: int = 0
    """Finished tries within an hour, of the person or of the delivery, whichever are more."""
    refusals_of_hour: int = 0
    """Wrong tries among them."""
    refusals_of_day: int = 0
    """The same within a day."""
    shared_devices: int = 0
    """Devices that both sides have used."""
    shared_cards: int = 0
    """Payment methods that both sides have paid with."""
    shared_contacts: int = 0
    """Contacts that belong to both sides."""
    shared_addresses: int = 0
    """Own parcels of the traveler's from or to the same place."""
    disputes_opened: int = 0
    """Disputes that either side has opened, the greater number of the two."""
    disputes_lost: int = 0
    """Disputes that were decided against either side."""
    chargebacks: int = 0
    """Payments of the customer that a bank took back."""
    account_age_s: int | None = None
    """Age of the youngest account of the two sides."""
    strikes: int = 0
    """Strikes of either side, the greater number of the two."""


def implied_km_h(last: Fix | None, now: Fix | None) -> int | None:
    """Return the speed of the straight way between two positions; none without both.

    What both positions may be off by is not counted as way. Positions of the same second, or in the
    wrong order, are a second apart.
    """
    if last is None or now is None:
        return None
    way_m = distance_m(last.place, now.place) - last.accuracy_m - now.accuracy_m
    if not way_m > 0:
        return 0
    seconds = max(abs(now.taken_at - last.taken_at) / timedelta(seconds=1), 1.0)
    return min(int(way_m / seconds * 3.6), KM_H_MAX)
