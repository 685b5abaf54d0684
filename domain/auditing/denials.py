"""What is written down of refused requests: every kind of refusal, and never more than fits."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.auditing.entries import AuditEntry, EntryKind
from domain.ids import PersonId

KINDS_MAX = 500
"""Different refusals that wait in memory; what comes on top is only counted."""
BURST = 60
"""Entries that may be written at once after a quiet time: a person who tries doors, in full."""
PER_SECOND = 1.0
"""Entries that may be written in the long run: with 400 bytes each, 35 MB a day is the most."""


@dataclass(frozen=True, slots=True)
class Denial:
    """A request that was refused because of who asked; equal ones are written once, with a count."""

    action: str
    """What was asked for, for example the name of a permission or the pattern of a route."""
    code: str
    """Code of the refusal."""
    subject: str = "route"
    """Kind of the thing it was about."""
    subject_id: str = ""
    """Id of the thing, when it exists: never what a stranger wrote."""
    actor_id: PersonId | None = None
    """Who asked; none when nobody knows."""
    actor_role: str = "nobody"
    """As what the person asked."""

    def entry(self, count: int) -> AuditEntry:
        """Return what is written of so many equal denials."""
        return AuditEntry(
            kind=EntryKind.DENIED,
            subject=self.subject,
            subject_id=self.subject_id,
            actor_id=self.actor_id,
            actor_role=self.actor_role,
            facts={"action": self.action, "code": self.code, "count": str(count)},
        )


@dataclass(slots=True)
class DenialTally:
    """Counts denials that are not written yet and gives them out at a bounded rate.

    Units: moments are seconds of any clock that never goes back.
    """

    allowance: float = BURST
    """Entries that may be written now."""
    allowed_at: float | None = None
    """When the allowance was worked out last."""
    waiting: dict[Denial, int] = field(default_factory=dict)
    """How often each denial happened since it was written last."""
    uncounted: int = 0
    """Denials for which there was no room."""

    def add(self, denial: Denial) -> None:
        """Count one denial."""
        if denial in self.waiting or len(self.waiting) < KINDS_MAX:
            self.waiting[denial] = self.waiting.get(denial, 0) + 1
        else:
            self.uncounted += 1

    def due(self, at: float, *, everything: bool = False) -> list[AuditEntry]:
        """Take out what may be written now; `everything` at the end, when no later comes."""
        passed = 0.0 if self.allowed_at is None else at - self.allowed_at
        self.allowance = min(BURST, self.allowance + passed * PER_SECOND)
        self.allowed_at = at
        room = len(self.waiting) if everything else int(self.allowance)
        entries = [denial.entry(self.waiting.pop(denial)) for denial in list(self.waiting)[:room]]
        if self.uncounted and len(entries) < room + everything:
            entries.append(_uncounted(self.uncounted))
            self.uncounted = 0
        self.allowance = max(0.0, self.allowance - len(entries))
        return entries


def _uncounted(count: int) -> AuditEntry:
    return AuditEntry(
        kind=EntryKind.DENIALS_UNCOUNTED,
        subject="route",
        actor_role="nobody",
        facts={"count": str(count)},
    )
