"""What a signed root states: how every chain stood at one moment, and which root came before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SIGNED_AS = b"sendalong audit root 1\n"
"""What is put before a statement that is signed, so that the key's signature says nothing else."""
FIRST_PREVIOUS = bytes(32).hex()
"""What the first root names as the one before it."""


@dataclass(frozen=True, slots=True)
class RootPolicy:
    """How often all heads are signed. Units: whole seconds."""

    every_s: int = 3_600
    """From one root to the next: whoever rewrites what is older than an hour needs the signing key."""
    run_s_max: int = 1_800
    """Longest time for a run with all its tries: it ends before the next is due."""
    gap_s: int = 2 * 3_600
    """Longest distance of two roots that is not reported: one may be missed while servers restart."""
    catch_up_s: int = 600
    """How late a run that was missed is made up for: a later root says all that it would have said."""


@dataclass(frozen=True, slots=True)
class RootStatement:
    """How every chain stood; the text of it is what is hashed and signed."""

    sequence: int
    """Place in the chain of roots, from 1 on."""
    at: datetime
    """When the heads were read."""
    chains: int
    """Leaves of the tree."""
    root: str
    """Tree hash over the heads, in hexadecimal."""
    previous: str
    """Hash of the statement before this one, in hexadecimal."""

    @property
    def text(self) -> str:
        """The statement as canonical JSON: keys sorted, no spaces, ASCII only."""
        said = {
            "at": self.at.astimezone(UTC).isoformat(),
            "chains": self.chains,
            "previous": self.previous,
            "root": self.root,
            "sequence": self.sequence,
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":"))

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return SIGNED_AS + self.text.encode()


def read_statement(text: str) -> RootStatement:
    """Return what a text of a root states.

    Raises:
        ValueError: it is no such text, letter by letter.
    """
    try:
        said = json.loads(text)
        statement = RootStatement(**{**said, "at": datetime.fromisoformat(said["at"])})
        fits = statement.text == text
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("it is no statement of a root") from error
    if not fits:
        raise ValueError("it is no statement of a root")
    return statement


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """A root as it is published: whoever keeps a copy can prove later that chains were cut."""

    statement: str
    """The text that is signed."""
    key_id: str
    """Which key signed."""
    signature: str
    """Ed25519 over the statement, in hexadecimal."""

    def __str__(self) -> str:
        """Return one line that can be kept elsewhere and checked later."""
        said = {"key_id": self.key_id, "signature": self.signature, "statement": self.statement}
        return json.dumps(said, sort_keys=True)


def is_gap(earlier: datetime, later: datetime, policy: RootPolicy) -> bool:
    """Tell whether roots are missing between two moments."""
    return later - earlier > timedelta(seconds=policy.gap_s)
