"""What the request under way asks for, and what its statements are told besides the token."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from api.edge.problems import Problem
from domain.errors import RefusalCode
from domain.identity.actions import Action
from domain.identity.credentials import Credential
from domain.identity.permissions import RULES, Nature
from domain.identity.staff import Withheld
from domain.ids import PersonId


@dataclass(slots=True)
class Asking:
    """One request, as far as it is known: first what it asks for, then who asks about what."""

    action: Action
    credential: Credential | None = None
    session_id: str | None = None
    """The session that it comes from, if it comes from one."""
    step_up_id: str | None = None
    """The approval of the very request with a second factor, if there is one."""
    withheld: Withheld | None = None
    """Why powers of staff do not count in it."""
    staff_counts: bool = False
    """Whether they do."""
    asker_id: str | None = None
    asker_roles: tuple[str, ...] = ()
    acted_by: PersonId | None = None
    """Who of the staff asks in the person's place."""
    is_withheld: bool = False
    """Whether the person has powers that do not count."""
    delivery_id: str | None = None
    """The delivery that it is about, once it is found."""

    def note(self, row: Mapping[str, Any]) -> None:
        """Note what a statement has found out.

        Raises:
            Problem: the person works for the platform, has no second factor, and asks for anything
                but what is about their own account.
        """
        self.asker_id = row["asker_id"]
        self.asker_roles = tuple(row["asker_roles"])
        self.is_withheld = bool(row.get("asker_withheld"))
        if self.is_withheld and self.withheld is None and row.get("asker_lacks_factor"):
            self.withheld = Withheld.FACTOR
        self.delivery_id = row.get("delivery_id") or self.delivery_id
        lacks_factor = self.is_withheld and self.withheld is Withheld.FACTOR
        if lacks_factor and RULES[self.action].nature is not Nature.PERSONAL:
            raise Problem(RefusalCode.NOT_YOUR_ROLE, "Staff need a second factor for this.")


_ASKING: ContextVar[Asking] = ContextVar("asking")


def begin(asking: Asking) -> Asking:
    """Say what the request that begins asks for."""
    _ASKING.set(asking)
    return asking


def asking() -> Asking | None:
    """Return the request under way, or none outside of requests and in those of undeclared routes."""
    return _ASKING.get(None)


def staff_counts() -> bool:
    """Tell whether powers of staff count now; outside of requests nobody has any."""
    found = asking()
    return found is not None and found.staff_counts


def acted_by() -> PersonId | None:
    """Return who of the staff asks in the person's place, or none when the person asks."""
    found = asking()
    return None if found is None else found.acted_by


def note_asker(row: Mapping[str, Any]) -> None:
    """Note who asks, as a statement has found out."""
    found = asking()
    if found is not None:
        found.note(row)
