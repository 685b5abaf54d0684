"""A traveler who leaves before the pickup: a strike, and the delivery goes to somebody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from domain.cancellation import require_cancellable
from domain.contracts import Actor, Role
from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId
from domain.leaving.contracts import WithdrawTraveler
from domain.lifecycle import DeliveryState, opening_standing, require_open, require_traveler
from domain.status import OfferStatus
from domain.transitions import OfferChange, Transition


class Strike(StrEnum):
    """What a traveler has to answer for."""

    WITHDREW = "withdrew"
    NO_SHOW = "no_show"


STRIKE = "strike"
"""Fact of an event by which the traveler gets a strike: which one."""


def check_withdraw(state: DeliveryState, command: WithdrawTraveler) -> None:
    """Check that this is the traveler and that the parcel is still with its sender."""
    require_open(state)
    require_traveler(state, command.actor)
    require_cancellable(state.status)
    if state.cancelled_by is not None:
        raise Refusal(RefusalCode.WRONG_STATE, "Somebody has left this delivery already.")


def may_reopen(state: DeliveryState, now: datetime) -> bool:
    """Tell whether a delivery whose traveler leaves now is opened to other travelers."""
    ends_at = opening_standing(state.order).deadline_at
    has_time = ends_at is not None and now < ends_at
    times_max = state.order.policies.cancellation.reopenings_max
    return state.order.reopens and has_time and state.reopenings < times_max


def offers_after_leaving(state: DeliveryState) -> tuple[OfferChange, ...]:
    """Return the accepted offer as it is once its traveler has left."""
    return tuple(
        replace(offer, status=OfferStatus.WITHDRAWN)
        for offer in state.offers.values()
        if offer.status == OfferStatus.ACCEPTED
    )


def start_over(state: DeliveryState) -> None:
    """Forget the acceptance, its payment and its traveler, who cannot come back."""
    changes = offers_after_leaving(state)
    state.offers.update({change.offer_id: change for change in changes})
    state.left |= {change.traveler_id for change in changes}
    state.reopenings += 1
    state.is_reopening = False
    state.accepted = state.accepted_at = state.cancelled_by = state.no_show = None
    state.locked_pins.clear()


def strike_facts(actor: Actor) -> dict[str, str]:
    """Return the fact of a strike for a traveler who leaves, and nothing for anybody else."""
    return {STRIKE: Strike.WITHDREW} if actor.role is Role.TRAVELER else {}


def struck_person(transition: Transition) -> PersonId | None:
    """Return who gets a strike by an event, if anybody."""
    if STRIKE not in transition.facts:
        return None
    is_own_act = transition.actor.role is Role.TRAVELER
    return transition.actor.person_id if is_own_act else transition.standing.traveler_id
