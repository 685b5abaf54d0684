"""How the database and a payment provider answer what a saga asks of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import RefusalCode


@dataclass(frozen=True, slots=True)
class Recorded:
    """A transition is in the database."""

    sequence: int
    """Position in the delivery's chain of events, from 1."""


@dataclass(frozen=True, slots=True)
class ScanOutcome:
    """What the verifier said of a scanned code."""

    refusal: RefusalCode | None = None
    """Why the code was refused; none when it was accepted and the transition written."""
    tries_left: int | None = None
    """PIN tries left after a wrong PIN."""


class PaymentOutcome(StrEnum):
    """How a payment provider answered; a decline is an answer, not an error."""

    SUCCEEDED = "succeeded"
    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    DECLINED = "declined"
