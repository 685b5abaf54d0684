"""The commands of a relay: a parcel on its way that is handed on to a second traveler."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.contracts import Actor, ScanCode
from domain.ids import PersonId, RelayId


@dataclass(frozen=True, slots=True)
class AskRelay:
    """The traveler who carries the parcel asks to hand it on."""

    actor: Actor
    """The traveler who carries it: the giver."""
    relay_id: RelayId
    """Id of the new relay, made by the API."""
    taker_id: PersonId
    """The traveler who is to carry it on."""
    share_points: int
    """The taker's share of what both travelers earn, in ten-thousandths."""
    deliver_by: datetime | None = None
    """When it is to be handed over at the latest, in UTC; as before when none."""


@dataclass(frozen=True, slots=True)
class AnswerRelay:
    """The customer agrees to a relay, or declines it."""

    actor: Actor
    """The customer."""
    relay_id: RelayId
    """The relay that was asked for."""
    agrees: bool
    """Whether another traveler may carry the parcel on."""


@dataclass(frozen=True, slots=True)
class TakeRelay:
    """The second traveler accepts the terms of a relay, or refuses them."""

    actor: Actor
    """The traveler who was named: the taker."""
    relay_id: RelayId
    """The relay that the customer has agreed to."""
    takes: bool
    """Whether the taker will carry the parcel on."""
    payout_account: str = ""
    """The taker's account at the payment provider; it must be there already."""


@dataclass(frozen=True, slots=True)
class WithdrawRelay:
    """A traveler of a relay that is not scanned yet steps back from it."""

    actor: Actor
    """The giver, or the taker."""
    relay_id: RelayId
    """The open relay."""


@dataclass(frozen=True, slots=True)
class ScanRelay:
    """The taker scanned the code that the giver showed."""

    scan: ScanCode
    """What was scanned, by the taker."""
    distance_m: int | None = None
    """From the taker's position to the giver's last one in metres; none when either is not known."""
