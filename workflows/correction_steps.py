"""The steps of corrections as a table: what moves the money, and what it leads to.

None of them has a way back: each is tried again, then parked for a person.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.correction_payments import CorrectionPayments
    from domain.transitions import EventKind, LateMoneyCommand, MoneyMoved

LateActivity = Callable[[Any, LateMoneyCommand], Awaitable[MoneyMoved]]


@dataclass(frozen=True)
class LateStep:
    """One movement of money after the fact."""

    name: str
    """Name shown to staff and used as the reason a correction needs attention."""
    do: LateActivity
    """The activity that moves the money."""
    event: EventKind
    """What has happened once it succeeded."""
    summary: str
    """Business fact shown in the Web UI; `{amount}` is filled in, and `{what}` the customer pays."""


REFUND_GOODWILL = LateStep(
    "refund_goodwill",
    CorrectionPayments.refund_goodwill,
    EventKind.GOODWILL_REFUNDED,
    "Refund {amount} to the customer after the close",
)
REVERSE_TRANSFER = LateStep(
    "reverse_transfer",
    CorrectionPayments.reverse_transfer,
    EventKind.TRANSFER_REVERSED,
    "Take {amount} back from the traveler's account",
)
COMPENSATE_TRAVELER = LateStep(
    "compensate_traveler",
    CorrectionPayments.compensate_traveler,
    EventKind.TRAVELER_COMPENSATED,
    "Give the traveler {amount} of the platform's own",
)
CHARGE_TIP = LateStep(
    "charge_tip", CorrectionPayments.charge_tip, EventKind.TIP_PAID, "Charge {what} of {amount}"
)
VOID_TIP = LateStep(
    "void_tip",
    CorrectionPayments.void_tip,
    EventKind.TIP_DECLINED,
    "Make sure that {what} of {amount} cannot be charged",
)
SEND_TIP = LateStep(
    "send_tip", CorrectionPayments.send_tip, EventKind.TIP_SENT, "Send {what} of {amount}"
)
PAY_OUT_EXTRA = LateStep(
    "pay_out_extra",
    CorrectionPayments.pay_out_extra,
    EventKind.EXTRA_PAID_OUT,
    "Pay {amount} out to the traveler's bank",
)
REFUND_AGAIN = LateStep(
    "refund_again",
    CorrectionPayments.refund_again,
    EventKind.REFUNDED_AGAIN,
    "Refund {amount} to the customer again",
)
PAY_OUT_AGAIN = LateStep(
    "pay_out_again",
    CorrectionPayments.pay_out_extra,
    EventKind.PAID_OUT_AGAIN,
    "Pay {amount} out to the traveler's bank again",
)

LATE_STEPS: tuple[LateStep, ...] = (
    REFUND_GOODWILL,
    REVERSE_TRANSFER,
    COMPENSATE_TRAVELER,
    CHARGE_TIP,
    VOID_TIP,
    SEND_TIP,
    PAY_OUT_EXTRA,
    REFUND_AGAIN,
    PAY_OUT_AGAIN,
)
"""Every step, in the order in which a correction may meet them."""
