"""Movements of money that are about to be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.money import Money


class OperationKind(StrEnum):
    """What the payment provider is asked to do."""

    CHARGE = "charge"
    AUTHORISE = "authorise"
    SAVE = "save"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    TRANSFER = "transfer"
    REVERSAL = "reversal"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A movement of money that is about to be asked for, persisted before the call.

    Idempotency: `operation_id` is the key under which the provider is asked, on every try.
    """

    operation_id: str
    """Deterministic: `<delivery_id>:<kind>` or `<delivery_id>:<kind>:<attempt>`."""
    kind: OperationKind
    """What is asked for."""
    amount: Money
    """How much is moved; for a void, the amount of the charge."""
    method: str = ""
    """Payment method token for a charge, payout account for a transfer or payout; without one a
    traveler is paid at the account that there is when the provider is asked."""
    source_operation_id: str = ""
    """The charge that a void, refund or transfer draws on."""
    fee: Money | None = None
    """For a transfer: the platform fee recognised with it, on top of `amount`."""
    off_session: bool = False
    """For a charge: the customer is away; the method was saved before."""
    beyond_held: bool = False
    """For a refund: it is not taken out of the held payment; somebody else bears it."""
