"""What an emergency override needs from the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.contracts import Actor
from domain.ids import PersonId
from domain.overriding.rules import (
    OverrideNote,
    OverrideOrder,
    OverrideStatus,
    OverrideStep,
)
from domain.transitions import ScanOutcome, Transition


@dataclass(frozen=True, slots=True)
class OverridePeople:
    """Who has a part in a delivery, and which accounts of an override belong together."""

    parties: tuple[PersonId, ...]
    """Everybody with a part in the delivery now or before a relay."""
    ties: tuple[str, ...]
    """By what somebody of the staff and somebody else in the override are the same person: codes."""


class Overrides(Protocol):
    """Emergency overrides as the database keeps them.

    Idempotency: every method does the same thing once, however often it is called.
    """

    async def people(self, order: OverrideOrder, actor: Actor) -> OverridePeople:
        """Return who has a part in it, and by what `actor` or whoever asked is tied to another."""
        ...

    async def note(self, note: OverrideNote) -> OverrideStatus:
        """Write down how far an override is, with its event in the delivery's chain.

        Returns where it stands then: what is over stays as it is.

        Raises:
            Refusal: `override_expired`, for an approval that its person has not given just now.
        """
        ...

    async def apply(self, step: OverrideStep, transition: Transition) -> ScanOutcome:
        """Use the step's code up and write its transition, if the override is approved.

        Idempotency: once the transition's key is written, the answer is an acceptance.
        """
        ...

    async def report(self) -> int:
        """Put the overrides of the last week on the list of attention; return how many there were."""
        ...


class OverriddenDeliveries(Protocol):
    """Deliveries that an approved override is sent to."""

    async def override(self, step: OverrideStep) -> str:
        """Have a delivery take an override; return the code of its refusal, empty when it was taken.

        Raises:
            NotAnswered: it cannot say yet.
        """
        ...


class NotAnswered(Exception):
    """A delivery could not answer: it is asked again."""
