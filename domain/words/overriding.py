"""What people are told when staff move custody without a code, in an emergency."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import Role
from domain.overriding.rules import OverrideCause
from domain.transitions import EventKind
from domain.words.form import Words

_E, _C, _T, _R, _S = EventKind, Role.CUSTOMER, Role.TRAVELER, Role.RECIPIENT, Role.SENDER
_WITHOUT = "Two of our staff confirmed it without a code, because {reason}."
_WRONG = "Is that wrong? Open a dispute {by}."
_WRITE = "Is that wrong? Write to us at once."
"""To whoever has nothing to dispute yet, or no part in the payment."""

OVERRIDE_REASONS: Mapping[str, str] = {
    OverrideCause.POLICE: "the police are involved",
    OverrideCause.MEDICAL: "somebody was taken ill or hurt",
    OverrideCause.ACCIDENT: "there was an accident",
    OverrideCause.DEVICE_LOST: "a phone was lost or broken",
    OverrideCause.OUTAGE: "no code could be scanned",
}
"""Why no code was scanned, in words."""

OVERRIDE_WORDS: Mapping[tuple[EventKind, Role], Words] = {
    (_E.PICKUP_OVERRIDDEN, _R): Words(
        "A parcel is on its way to you",
        "A parcel is on its way to you and should arrive {by}. Show the traveler this code when you "
        "hold the parcel, not before: {link}",
    ),
    (_E.PICKUP_OVERRIDDEN, _C): Words(
        "The pickup was confirmed by our staff",
        f"The traveler has your parcel and must hand it over {{by}}. {_WITHOUT} {_WRITE}",
    ),
    (_E.PICKUP_OVERRIDDEN, _S): Words(
        "The pickup was confirmed by our staff",
        f"The traveler has the parcel. {_WITHOUT} The code you had is used up. {_WRITE}",
    ),
    (_E.PICKUP_OVERRIDDEN, _T): Words(
        "The pickup was confirmed by our staff",
        f"The parcel is with you: hand it over {{by}}. {_WITHOUT} {_WRITE}",
    ),
    (_E.HANDOVER_OVERRIDDEN, _C): Words(
        "The handover was confirmed by our staff",
        f"Your parcel counts as handed over. {_WITHOUT} Your {{price}} stays held for longer than usual. "
        f"{_WRONG}",
    ),
    (_E.HANDOVER_OVERRIDDEN, _R): Words(
        "The handover was confirmed by our staff",
        f"The parcel counts as handed over to you. {_WITHOUT} The code you had is used up. {_WRONG}",
    ),
    (_E.HANDOVER_OVERRIDDEN, _T): Words(
        "The handover was confirmed by our staff",
        f"The parcel counts as handed over. {_WITHOUT} The payment waits longer than usual, until "
        f"nobody can dispute it any more. {_WRONG}",
    ),
    (_E.RETURN_OVERRIDDEN, _C): Words(
        "The return was confirmed by our staff",
        f"Your parcel counts as brought back. {_WITHOUT} Your {{price}} stays held for longer than "
        f"usual. {_WRONG}",
    ),
    (_E.RETURN_OVERRIDDEN, _S): Words(
        "The return was confirmed by our staff",
        f"The parcel counts as brought back to you. {_WITHOUT} The code you had is used up. {_WRITE}",
    ),
    (_E.RETURN_OVERRIDDEN, _T): Words(
        "The return was confirmed by our staff",
        f"The parcel counts as brought back. {_WITHOUT} The payment waits longer than usual. {_WRONG}",
    ),
}
