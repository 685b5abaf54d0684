"""A call for help: who may make one, what it does to a hold, and how often it freezes a delivery."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from domain.contracts import Actor, Role
from domain.errors import Refusal, RefusalCode
from domain.holds.rules import Hold
from domain.lifecycle import DeliveryState, require_open
from domain.messages import CONCERNS

CALLERS = frozenset({Role.TRAVELER, Role.RECIPIENT, Role.SENDER, Role.CUSTOMER})
"""Who may call for help: everybody who meets somebody because of the parcel."""
SOS_ID = "sos_id"
"""Fact of a call's event: its id; who called from where is in the call's own row."""
FOR_STAFF = {CONCERNS: str(Role.OPERATOR)}
"""Facts of events that nobody but staff learn of: whoever is the danger must not."""
WHY = "Somebody has called for help."
"""Why the delivery is on hold, as its page says."""


@dataclass(frozen=True, slots=True)
class SosPolicy:
    """How often one person's calls freeze one delivery; every call is kept and told of all the same."""

    window_s: int = 86_400
    """Seconds that are looked back: a day, in which staff have spoken with whoever calls."""
    holds_max: int = 3
    """Holds that one person's calls place within them: somebody in danger needs one, and who stops a
    delivery out of spite is known to staff by then."""


@dataclass(frozen=True, slots=True)
class CallForHelp:
    """Somebody calls for help: the delivery is frozen until staff have looked into it."""

    actor: Actor
    """Who calls."""
    sos_id: str
    """Id of the call, made by the API."""


def check_call(state: DeliveryState, command: CallForHelp) -> None:
    """Check that a party of an open delivery calls; nothing else may stand in the way.

    Raises:
        Refusal: `delivery_closed` or `not_your_role`.
    """
    require_open(state)
    order, person_id = state.order, command.actor.person_id
    parties = {order.customer_id, order.sender_id, order.recipient_id, state.standing.traveler_id}
    if command.actor.role not in CALLERS or person_id is None or person_id not in parties:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only a party of the delivery may call for help.")


def hold_for(hold: Hold | None, command: CallForHelp, now: datetime) -> Hold:
    """Return the hold that a call leads to: a new one, or the one in force with the call behind it."""
    if hold is None:
        return Hold(WHY, command.actor, now, sos_at=now)
    if hold.sos_at is not None:
        return hold
    return replace(hold, reason=f"{hold.reason} {WHY}", tellings=0, sos_at=now)
