"""The saga as a table: what moves the money, what undoes it, and what a failure leads to.

`Step.undo` is recorded as the way back before `Step.do` is asked for. A step with no way back is
driven forward: it is tried again, then parked for a person, and never given up. What somebody else
has to mend first is neither: the stage waits for it, with a clock of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.payment_errors import ACCOUNT_NOT_READY
    from activities.payments import PaymentActivities
    from domain.errors import RefusalCode
    from domain.transitions import MoneyCommand, MoneyMoved

PaymentActivity = Callable[[Any, MoneyCommand], Awaitable[MoneyMoved]]


class OnFailure(StrEnum):
    """What follows when a step fails for good or its tries run out."""

    COMPENSATE = "compensate"
    """Undo it and take the stage's exit."""
    PARK = "park"
    """Wait for an operator: retry, skip or done by hand."""


@dataclass(frozen=True)
class Step:
    """One movement of money."""

    name: str
    """Name shown to operators and used as the reason a delivery needs attention."""
    do: PaymentActivity
    """The activity that moves the money."""
    undo: PaymentActivity | None
    """The activity that takes it back, whatever became of `do`; none when there is no way back."""
    on_failure: OnFailure
    summary: str
    """Business fact shown in the Web UI; `{amount}` is filled in."""
    waits_for: frozenset[str] = frozenset()
    """Reasons of a failure that somebody else will mend: the stage waits for it and tries again."""


VOID_HOLD = Step(
    "void_hold", PaymentActivities.void_hold, None, OnFailure.PARK, "Make sure {amount} is not held"
)
HOLD_FUNDS = Step(
    "hold_funds",
    PaymentActivities.hold_funds,
    PaymentActivities.void_hold,
    OnFailure.COMPENSATE,
    "Hold {amount}",
)
AUTHORISE_FUNDS = Step(
    "authorise_funds",
    PaymentActivities.authorise_funds,
    PaymentActivities.void_hold,
    OnFailure.COMPENSATE,
    "Reserve {amount}",
)
CAPTURE_FUNDS = Step(
    "capture_funds",
    PaymentActivities.capture_funds,
    None,
    OnFailure.PARK,
    "Take the reserved {amount}",
)
SAVE_METHOD = Step(
    "save_method",
    PaymentActivities.save_method,
    PaymentActivities.void_hold,
    OnFailure.COMPENSATE,
    "Save the payment method for {amount}",
)
REFUND_FUNDS = Step(
    "refund_funds",
    PaymentActivities.refund_funds,
    None,
    OnFailure.PARK,
    "Refund {amount} to the customer",
    waits_for=frozenset({RefusalCode.CHARGEBACK_OPEN}),
)
RELEASE_FUNDS = Step(
    "release_funds",
    PaymentActivities.release_funds,
    None,
    OnFailure.PARK,
    "Release {amount} to the traveler",
    waits_for=frozenset({ACCOUNT_NOT_READY, RefusalCode.CHARGEBACK_OPEN}),
)
RELEASE_COMPENSATION = Step(
    "release_compensation",
    PaymentActivities.release_compensation,
    None,
    OnFailure.PARK,
    "Release {amount} to the traveler for a journey in vain",
    waits_for=RELEASE_FUNDS.waits_for,
)
NET_DUES = Step(
    "net_dues",
    PaymentActivities.net_dues,
    None,
    OnFailure.PARK,
    "Keep {amount} back for what the traveler owes",
    waits_for=frozenset({RefusalCode.DUES_CHANGED}),
)
RETURN_SURPLUS = Step(
    "return_surplus",
    PaymentActivities.return_surplus,
    None,
    OnFailure.PARK,
    "Return {amount} that the traveler did not owe any more",
)
PAY_OUT = Step(
    "pay_out",
    PaymentActivities.pay_out,
    None,
    OnFailure.PARK,
    "Pay {amount} out to the traveler's bank",
    waits_for=frozenset({RefusalCode.DUES_FIRST, RefusalCode.CHARGEBACK_OPEN}),
)
RELEASE_GIVER_SHARE = Step(
    "release_giver_share",
    PaymentActivities.release_giver_share,
    None,
    OnFailure.PARK,
    "Release {amount} to the traveler who handed the parcel on",
    waits_for=RELEASE_FUNDS.waits_for,
)
PAY_OUT_GIVER = Step(
    "pay_out_giver",
    PaymentActivities.pay_out_giver,
    None,
    OnFailure.PARK,
    "Pay {amount} out to the bank of the traveler who handed the parcel on",
)

STEPS: tuple[Step, ...] = (
    HOLD_FUNDS,
    AUTHORISE_FUNDS,
    SAVE_METHOD,
    VOID_HOLD,
    CAPTURE_FUNDS,
    REFUND_FUNDS,
    RELEASE_FUNDS,
    RELEASE_COMPENSATION,
    NET_DUES,
    RETURN_SURPLUS,
    PAY_OUT,
    RELEASE_GIVER_SHARE,
    PAY_OUT_GIVER,
)
"""Every step, in the order in which a delivery may meet them."""
