"""Handing a parcel on to a second traveler: who may do what when, and what each earns. Rules only.

The one who gives the parcel shows a code, and the one who takes it scans it, as at the pickup: nobody
becomes the carrier of a parcel by what somebody else does, and nobody takes one without being shown
the code. Custody and liability move with that scan.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.contracts import Actor, Standing
from domain.deadlines import DeadlineKind
from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId, RelayId
from domain.journey.relay_contracts import (
    AnswerRelay,
    AskRelay,
    ScanRelay,
    TakeRelay,
    WithdrawRelay,
)
from domain.lifecycle import (
    DeliveryState,
    is_customer,
    require_open,
    require_scan_allowed,
    require_traveler,
)
from domain.money import Money
from domain.pricing import PriceShares
from domain.status import IN_CUSTODY

WHOLE_POINTS = 10_000


class RelayStatus(StrEnum):
    """Where a relay stands."""

    ASKED = "asked"
    CONSENTED = "consented"
    AGREED = "agreed"
    DONE = "done"
    ENDED = "ended"


class RelayEnd(StrEnum):
    """Why a relay did not come about."""

    DECLINED = "declined"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class RelayFact(StrEnum):
    """Names of the facts by which events of a relay reach its row."""

    RELAY_ID = "relay_id"
    STATUS = "relay"
    GIVER = "giver_id"
    TAKER = "taker_id"
    SHARE_POINTS = "share_points"
    DELIVER_BY = "deliver_by"
    BECAUSE = "because"


@dataclass(frozen=True, slots=True)
class Relay:
    """A parcel that is, or was to be, handed on."""

    relay_id: RelayId
    giver_id: PersonId
    """Who carries it before."""
    taker_id: PersonId
    """Who carries it on."""
    share_points: int
    """The taker's share of what both earn, in ten-thousandths."""
    deliver_by: datetime
    """When it is to be handed over at the latest once it was handed on, in UTC."""
    status: RelayStatus = RelayStatus.ASKED
    taker_account: str = ""
    """Where the taker is paid; empty until the terms are accepted."""
    giver_account: str = ""
    """Where the giver is paid; known once the parcel was handed on."""

    def facts(self, because: str = "") -> dict[str, str]:
        """Return what its events tell; accounts are no part of it."""
        facts = {
            RelayFact.RELAY_ID: self.relay_id,
            RelayFact.STATUS: str(self.status),
            RelayFact.GIVER: self.giver_id,
            RelayFact.TAKER: self.taker_id,
            RelayFact.SHARE_POINTS: str(self.share_points),
            RelayFact.DELIVER_BY: self.deliver_by.isoformat(),
            RelayFact.BECAUSE: because,
        }
        return {str(name): value for name, value in facts.items() if value}


@dataclass(slots=True)
class RelayState:
    """The relays of one delivery so far."""

    current: Relay | None = None
    """The last one that was asked for."""
    asked: int = 0
    """How many were asked for."""
    done: int = 0
    """How many parcels were handed on."""

    @property
    def handed_on(self) -> Relay | None:
        """Return the relay that came about, if one did."""
        relay = self.current
        return relay if relay is not None and relay.status is RelayStatus.DONE else None


_CLOCKS: Mapping[RelayStatus, DeadlineKind] = {
    RelayStatus.ASKED: DeadlineKind.RELAY_CONSENT,
    RelayStatus.CONSENTED: DeadlineKind.RELAY_ANSWER,
    RelayStatus.AGREED: DeadlineKind.RELAY_MEETING,
}
RELAY_CLOCKS = frozenset(_CLOCKS.values())
"""Clocks of an open relay. Whatever else arms another one has ended the relay."""
_PAUSES = frozenset({DeadlineKind.HOLD, DeadlineKind.SOS, DeadlineKind.ATTENTION})
"""Clocks of staff, after which the one before goes on."""
_FROM_HERE = frozenset(
    {
        DeadlineKind.HANDOVER,
        DeadlineKind.CHECK_IN,
        DeadlineKind.URGENT_CHECK_IN,
        DeadlineKind.TRACE,
    }
)
"""Clocks during which a relay may be asked for: nothing else is being settled about the parcel."""


def status_now(status: RelayStatus, deadline_kind: str | None) -> RelayStatus:
    """Return where a relay stands while a clock of its delivery is armed.

    Other events of the delivery end an open relay by arming another clock and write nothing of it.
    """
    clock = _CLOCKS.get(status)
    return status if clock is None or deadline_kind in (clock, *_PAUSES) else RelayStatus.ENDED


def clock_of(status: RelayStatus) -> DeadlineKind:
    """Return the clock that is armed while a relay is open."""
    return _CLOCKS[status]


def open_relay(relays: RelayState, standing: Standing) -> Relay | None:
    """Return the relay that waits for somebody, if there is one."""
    relay = relays.current
    is_open = relay is not None and standing.deadline_kind == _CLOCKS.get(relay.status)
    return relay if is_open else None


def relay_shares(whole: PriceShares, share_points: int, given: Money | None = None) -> PriceShares:
    """Return what is released to the taker and to the platform; the rest is the giver's.

    `given` is what the giver has got already: when less is left than was planned, that stays the
    giver's, and the taker comes before the platform.
    """
    if given is None:
        return PriceShares(whole.traveler - giver_share(whole.traveler, share_points), whole.fee)
    left = whole.traveler - given
    if left.amount_minor > 0:
        return PriceShares(left, whole.fee)
    return PriceShares(left + whole.fee, Money(0, left.currency))


def giver_share(earned: Money, share_points: int) -> Money:
    """Return the giver's part of what both travelers earn, rounded down to what can be moved.

    The taker has the rest, so that both parts are the whole exactly and the taker's is never nothing.
    """
    step = earned.step_minor if earned.is_movable else 1
    steps = earned.amount_minor * (WHOLE_POINTS - share_points) // (WHOLE_POINTS * step)
    return Money(steps * step, earned.currency)


def check_ask_relay(
    state: DeliveryState, relays: RelayState, command: AskRelay, overdue_at: datetime, now: datetime
) -> None:
    """Check that the carrying traveler may ask for this relay.

    Raises:
        Refusal: `not_your_role`, `delivery_closed`, `wrong_state`, `relay_limit_reached`,
            `own_delivery` or `relay_terms_invalid`.
    """
    require_traveler(state, command.actor)
    _require_carried(state)
    if state.standing.deadline_kind not in _FROM_HERE:
        raise Refusal(
            RefusalCode.WRONG_STATE,
            "The parcel cannot be handed on now: something else is waited for first.",
        )
    policy, order = state.order.policies.relay, state.order
    if relays.done >= policy.relays_max or relays.asked >= policy.asks_max:
        raise Refusal(RefusalCode.RELAY_LIMIT_REACHED, "This parcel cannot be handed on again.")
    parties = (order.customer_id, order.sender_id, order.recipient_id, command.actor.person_id)
    if command.taker_id in parties:
        raise Refusal(RefusalCode.OWN_DELIVERY, "A party of a delivery cannot take it over.")
    if not policy.share_points_min <= command.share_points <= policy.share_points_max:
        raise Refusal(
            RefusalCode.RELAY_TERMS_INVALID,
            f"The share must be between {policy.share_points_min} and {policy.share_points_max}"
            " ten-thousandths.",
        )
    latest = overdue_at + timedelta(seconds=policy.extension_s_max)
    if command.deliver_by is not None and not now < command.deliver_by <= latest:
        raise Refusal(
            RefusalCode.RELAY_TERMS_INVALID,
            f"The handover must be in the future and not after {latest:%Y-%m-%d %H:%M} UTC.",
        )


def check_answer_relay(state: DeliveryState, relays: RelayState, command: AnswerRelay) -> None:
    """Check that the customer is asked about this relay.

    Raises:
        Refusal: `not_your_role`, `delivery_closed` or `relay_not_open`.
    """
    if not is_customer(state, command.actor):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only the customer may do this.")
    _require_at(state, relays, command.relay_id, RelayStatus.ASKED)


def check_take_relay(state: DeliveryState, relays: RelayState, command: TakeRelay) -> None:
    """Check that this traveler is asked to take the parcel over, and can be paid.

    Raises:
        Refusal: `not_your_role`, `delivery_closed`, `relay_not_open` or `relay_needs_account`.
    """
    relay = _require_at(state, relays, command.relay_id, RelayStatus.CONSENTED)
    _require_taker(relay, command.actor)
    if command.takes and not command.payout_account:
        raise Refusal(
            RefusalCode.RELAY_NEEDS_ACCOUNT,
            "Set up the account at which you are paid before you take a parcel over.",
        )


def check_relay_in_time(relays: RelayState, now: datetime) -> None:
    """Check that the handover which a relay agrees on is still to come; a hold may have outlasted it.

    Raises:
        Refusal: `relay_not_open`.
    """
    relay = relays.current
    if relay is not None and relay.deliver_by <= now:
        raise Refusal(
            RefusalCode.RELAY_NOT_OPEN,
            "The time that was agreed on for the handover is over: ask for a relay anew.",
        )


def check_withdraw_relay(state: DeliveryState, relays: RelayState, command: WithdrawRelay) -> None:
    """Check that one of its travelers steps back from an open relay.

    Raises:
        Refusal: `not_your_role`, `delivery_closed` or `relay_not_open`.
    """
    relay = _require_at(state, relays, command.relay_id, *_CLOCKS)
    if command.actor.person_id not in (relay.giver_id, relay.taker_id):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only its travelers may step back from a relay.")


def check_scan_relay(
    state: DeliveryState, relays: RelayState, command: ScanRelay, now: datetime
) -> None:
    """Check that the taker scans where the giver is.

    Raises:
        Refusal: `not_your_role`, `delivery_closed`, `relay_not_open`, `code_already_used`,
            `position_not_near` or `code_locked`.
    """
    scan = command.scan
    handed_on = relays.handed_on
    if handed_on is not None and scan.actor.person_id == handed_on.taker_id:
        raise Refusal(RefusalCode.CODE_ALREADY_USED, "This code has been used already.")
    relay = relays.current
    _require_at(state, relays, relay.relay_id if relay else None, RelayStatus.AGREED)
    assert relay is not None, "a relay that stands somewhere is there"
    _require_taker(relay, scan.actor)
    require_scan_allowed(state, scan, now)
    radius_m = state.order.policies.relay.meeting_radius_m
    if command.distance_m is None or command.distance_m > radius_m:
        known = "it is not known where both of you are"
        if command.distance_m is not None:
            known = f"you are {command.distance_m} m apart"
        raise Refusal(
            RefusalCode.POSITION_NOT_NEAR,
            f"Both travelers must be within {radius_m} m of each other: {known}.",
        )


def _require_carried(state: DeliveryState) -> None:
    require_open(state)
    if state.status not in IN_CUSTODY:
        raise Refusal(
            RefusalCode.WRONG_STATE, f"The delivery is {state.status}: nothing is handed on now."
        )


def _require_at(
    state: DeliveryState, relays: RelayState, relay_id: RelayId | None, *statuses: RelayStatus
) -> Relay:
    require_open(state)
    relay = open_relay(relays, state.standing)
    if relay is None or relay.relay_id != relay_id or relay.status not in statuses:
        raise Refusal(RefusalCode.RELAY_NOT_OPEN, "There is no such relay to decide about now.")
    return relay


def _require_taker(relay: Relay, actor: Actor) -> None:
    if actor.person_id != relay.taker_id:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only the traveler who takes over may do this.")
