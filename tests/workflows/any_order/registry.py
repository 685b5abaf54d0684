"""Every command of a delivery and of its dispute: who may send it, and where it fits.

A new Update needs one function beside the others; `test_no_command_is_missing` says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.contracts import Actor
from domain.status import DeliveryStatus

if TYPE_CHECKING:
    from tests.workflows.any_order.story import Story

D = DeliveryStatus
ANY = frozenset(DeliveryStatus)
CARRIED = frozenset({D.IN_TRANSIT, D.ARRIVED})
CUSTOMERS = frozenset({"customer"})
TRAVELERS = frozenset({"traveler", "rival"})
PARTIES = CUSTOMERS | TRAVELERS | {"recipient"}
STAFF = frozenset({"agent", "operator"})
NEAR_M, FAR_M = 80, 9_000
KINDS_MIN = 30
"""Kinds of commands that are carried out at least; the others are refused wherever they came."""
METHODS = ("pm_sandbox_ok", "pm_sandbox_ok", "pm_sandbox_declined", "pm_sandbox_pending")

Make = Callable[["Story", Actor], Any]
"""Makes a command, about something that need not be there."""
Send = Callable[["Story", Actor], Awaitable[bool]]
"""Sends a command and tells whether it was taken."""


@dataclass(frozen=True)
class Command:
    """One Update."""

    name: str
    send: Send
    by: frozenset[str]
    """Who may ever have it carried out."""
    fits: Collection[DeliveryStatus]
    """Where it has a chance; elsewhere it is sent now and then all the same."""

    @property
    def weight(self) -> int:
        """How readily it is chosen: what leads on, or seldom fits, more than what ends the story.

        An override takes long to play, and is in some stories only.
        """
        if self.name in _LEADS_ON:
            return 12
        return 1 if self.fits is ANY or self.name in _SELDOM else 5


_SELDOM = {"cancel", "withdraw", "correct_parcel", "take_over", "report_loss", "override_step"}
_LEADS_ON = {
    "submit_offer",
    "accept_offer",
    "scan",
    "report_no_show",
    "contest_no_show",
    "report_failed_handover",
    "leave_parcel",
    "reply",
    "waive_appeal",
    "appeal",
    "withdraw_proposal",
    "answer_relay",
    "take_relay",
    "scan_relay",
    "undo_step",
    "resume",
    "end_negotiation",
    "accept_proposal",
}
OF_DELIVERY: dict[str, Command] = {}
OF_DISPUTE: dict[str, Command] = {}


def command(by: Collection[str], *fits: DeliveryStatus) -> Callable[[Make], Make]:
    """Register a command of the delivery under the name of the function that makes it."""

    def register(make: Make) -> Make:
        name = make.__name__

        async def send(story: Story, actor: Actor) -> bool:
            return await story.attempt(story.play.handle, name, make(story, actor))

        OF_DELIVERY[name] = Command(name, send, frozenset(by), fits or ANY)
        return make

    return register


def saga(by: Collection[str], *fits: DeliveryStatus) -> Callable[[Send], Send]:
    """Register a command that a saga beside the delivery sends to it."""

    def register(send: Send) -> Send:
        name = send.__name__
        OF_DELIVERY[name] = Command(name, send, frozenset(by), fits or ANY)
        return send

    return register


def step(by: Collection[str]) -> Callable[[Make], Make]:
    """Register a step of the dispute."""

    def register(make: Make) -> Make:
        name = make.__name__

        async def send(story: Story, actor: Actor) -> bool:
            return await story.attempt(story.dispute(), name, make(story, actor))

        OF_DISPUTE[name] = Command(name, send, frozenset(by), {D.DISPUTED})
        return make

    return register
