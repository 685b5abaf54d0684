"""What a verification of the audit has found, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

SHOWN_MAX = 20
"""Faults that a report names one by one: after the first, most follow from it."""


class Judgement(IntEnum):
    """What a verification comes to; the exit code of the command."""

    CLEAN = 0
    TAMPERED = 1
    UNCHECKED = 2
    """Nothing bad was found, and not everything could be looked at."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One row that is not as it was written."""

    chain: str
    """For example `delivery:<id>`, `trail:staff` or `roots`."""
    row: str
    """For example `event 3`, `entry 7` or `root 12`."""
    problem: str
    """What is wrong with it."""

    def __str__(self) -> str:
        """Return one line for people."""
        return f"{self.chain}, {self.row}: {self.problem}"


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What a verification has found."""

    links: int
    """Events and entries that were looked at."""
    roots: int
    """Signed roots that were looked at."""
    faults: tuple[Fault, ...]
    """Rows that are not as they were written; the first one is where to begin."""
    notes: tuple[str, ...] = ()
    """What is worth knowing and no proof of anything: hours without a root."""
    unchecked: tuple[str, ...] = ()
    """What could not be looked at, and why."""

    @property
    def judgement(self) -> Judgement:
        """What all of it comes to: one bad row is enough."""
        if self.faults:
            return Judgement.TAMPERED
        return Judgement.UNCHECKED if self.unchecked else Judgement.CLEAN

    def __str__(self) -> str:
        """Return the report for people."""
        head = f"{self.links} events and entries and {self.roots} signed roots checked"
        lines = [f"TAMPERED {fault}" for fault in self.faults[:SHOWN_MAX]]
        if len(self.faults) > SHOWN_MAX:
            lines.append(f"TAMPERED {len(self.faults) - SHOWN_MAX} more rows")
        lines += [f"NOT CHECKED {reason}" for reason in self.unchecked]
        lines += [f"note: {note}" for note in self.notes]
        verdict = {
            Judgement.CLEAN: "The audit is as it was written.",
            Judgement.TAMPERED: "The audit was tampered with.",
            Judgement.UNCHECKED: "Nothing bad was found, but not everything could be checked.",
        }
        return "\n".join([head, *lines, verdict[self.judgement]])
