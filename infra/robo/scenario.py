"""What a scenario is: people's steps in order, and what must be so at the end. Data only.

Texts of paths and bodies may hold `{names}` of what earlier steps kept, `{+P4D}` for a moment that
far from the delivery's own present, and `{now-PT30M}` for one that far from everybody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

DELIVERY = "/v1/deliveries/{delivery}"
"""Path of the delivery that is played."""


class Deed(StrEnum):
    """What a step does."""

    ASK = "ask"
    """Changes something by POST."""
    LOOK = "look"
    """Reads something by GET, again and again until it is as it should be."""
    ADVANCE = "advance"
    """Moves the delivery through time."""
    PHONE = "phone"
    """Does something with a phone of one's own, which keeps a key."""
    BANK = "bank"
    """Plays the customer's bank, which is no client of the platform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that somebody does."""

    deed: Deed
    who: str
    """Who does it: a name of `infra/robo/cast.py`."""
    tells: str
    """What happens, for the reader of the run."""
    path: str = ""
    """Address, or what the bank or the phone does."""
    body: Mapping[str, Any] = field(default_factory=dict)
    """What is sent."""
    keeps: Mapping[str, str] = field(default_factory=dict)
    """What later steps may name: name to member of the answer, as in `items.0.offer_id`."""
    refused: str = ""
    """Code of the refusal that must come; none means that it must succeed."""
    answer_lost: bool = False
    """Of an ask: the network dies before the answer comes, and the same is sent again once it is back:
    both answers must be the same."""
    signed: bool = False
    """Of an ask: the phone of whoever asks signs the request."""
    member: str = ""
    """Of a look: the member that is waited for."""
    values: tuple[str, ...] = ()
    """Of a look: what it may be; without one anything but nothing will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What must be so at the end. Units: minor units of money."""

    status: str
    """Where the delivery stands."""
    escrow: str
    """Where the held payment stands."""
    refunded: int = 0
    """What went back to the customer."""
    traveler: int = 0
    """What was paid out to the traveler."""
    platform: int = 0
    """What the platform earned, whatever it lost."""
    bank: int = 0
    """What the customer's bank took back and kept, its fee left aside."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One story of a delivery."""

    name: str
    about: str
    """What happens, in one line."""
    steps: tuple[Step, ...]
    ending: Ending


def asks(
    who: str,
    tells: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    keeps: Mapping[str, str] | None = None,
    refused: str = "",
    answer_lost: bool = False,
    signed: bool = False,
) -> Step:
    """Return a step by which somebody changes something; a path that is no address is the delivery's."""
    return Step(
        deed=Deed.ASK,
        who=who,
        tells=tells,
        path=_address(path),
        body=body or {},
        keeps=keeps or {},
        refused=refused,
        answer_lost=answer_lost,
        signed=signed,
    )


def looks(
    who: str,
    tells: str,
    path: str,
    member: str = "",
    *values: str,
    keeps: Mapping[str, str] | None = None,
) -> Step:
    """Return a step by which somebody reads something until it is as it should be."""
    return Step(
        deed=Deed.LOOK,
        who=who,
        tells=tells,
        path=_address(path),
        keeps=keeps or {},
        member=member,
        values=values,
    )


def becomes(*statuses: str, keeps: Mapping[str, str] | None = None) -> Step:
    """Return a step that waits for the delivery to stand somewhere."""
    told = f"the delivery is {' or '.join(statuses).replace('_', ' ')}"
    return looks("customer", told, "", "status", *statuses, keeps=keeps)


def later(by: str, tells: str) -> Step:
    """Return a step that moves the delivery through time."""
    return Step(deed=Deed.ADVANCE, who="time", tells=tells, path=by)


def phones(
    who: str,
    tells: str,
    play: str,
    *,
    body: Mapping[str, Any] | None = None,
    keeps: Mapping[str, str] | None = None,
) -> Step:
    """Return a step of a phone.

    It is told to `activate`, to `enrol` a passkey, to `show` the code of a purpose, which can be kept as
    `code`, or to `present` its owner at a purpose, with a position.
    """
    return Step(
        deed=Deed.PHONE, who=who, tells=tells, path=play, body=body or {}, keeps=keeps or {}
    )


def bank(play: str, tells: str) -> Step:
    """Return a step of the customer's bank: inquire, take, escalate, win, lose or close."""
    return Step(deed=Deed.BANK, who="bank", tells=tells, path=play)


def _address(path: str) -> str:
    if path.startswith("/"):
        return path
    return f"{DELIVERY}/{path}" if path else DELIVERY
