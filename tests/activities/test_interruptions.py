"""Whatever is interrupted, and wherever: driven to its end, each path moves every cent once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from hypothesis import example, given, settings
from hypothesis import strategies as st
from temporalio.exceptions import ApplicationError

from activities.operation_ports import PaymentOperations
from activities.payment_errors import OUTCOME_UNKNOWN, PROVIDER_UNAVAILABLE
from activities.payment_ports import PaymentProvider
from activities.payments import PaymentActivities
from domain.errors import Refusal
from domain.transitions import MoneyCommand, MoneyMoved, PaymentOutcome
from infra.database.operations import DatabaseOperations
from infra.payments.sandbox import SandboxProvider
from tests.activities.conftest import MakePath
from tests.activities.money_path import PRICE, SHARE, MoneyPath, Moved

EXAMPLES = 60
TRIES_MAX = 60
CHARGE, REFUND = ("charge", PRICE.amount_minor), ("refund", PRICE.amount_minor)
RELEASE, PAYOUT = ("release", SHARE.amount_minor), ("payout", SHARE.amount_minor)


class Crash(Exception):
    """The worker's process ended here."""


class Fragile:
    """A real part behind which the process may end, just before or just after a call."""

    def __init__(self, part: object, crashes: Iterator[str]) -> None:
        self._part = part
        self._crashes = crashes

    def __getattr__(self, name: str) -> Any:
        if not callable(getattr(self._part, name)):
            return getattr(self._part, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            crash = next(self._crashes, "none")
            if crash == "before":
                raise Crash
            answer = await getattr(self._part, name)(*arguments, **named)
            if crash == "after":
                raise Crash
            return answer

        return call


faults = st.sampled_from(
    ["", "timeout_after_success", "unavailable_1", "error_kept", "error_kept_after_success"]
)


@dataclass(frozen=True)
class Run:
    """One delivery's end, what goes wrong at the provider on the way there, and every crash."""

    end: str
    charge_fault: str
    refund_fault: str
    transfer_fault: str
    payout_fault: str
    crashes: list[str]

    @property
    def method(self) -> str:
        refund = f"_refund_{self.refund_fault}" if self.refund_fault else ""
        return f"pm_sandbox_{self.charge_fault or 'ok'}{refund}"

    def account(self, delivery_id: str) -> str:
        transfer = f"_{self.transfer_fault}" if self.transfer_fault else ""
        payout = f"_payout_{self.payout_fault}" if self.payout_fault else ""
        return f"acct_sandbox_{delivery_id}{transfer}{payout}"


runs = st.builds(
    Run,
    end=st.sampled_from(["voided", "refunded", "paid_out"]),
    charge_fault=faults,
    refund_fault=faults,
    transfer_fault=faults,
    payout_fault=faults,
    crashes=st.lists(st.sampled_from(["none", "none", "before", "after"]), max_size=20),
)


async def driven(
    activity: Callable[[MoneyCommand], Awaitable[MoneyMoved]], command: MoneyCommand
) -> MoneyMoved:
    """Run an activity again after every failure that Temporal would try again."""
    for _ in range(TRIES_MAX):
        try:
            return await activity(command)
        except Crash:
            continue
        except ApplicationError as error:
            if error.type not in (OUTCOME_UNKNOWN, PROVIDER_UNAVAILABLE):
                raise
    raise AssertionError("the activity never came to its end")


async def given_up(path: MoneyPath, payments: PaymentActivities, hold: MoneyCommand) -> Moved:
    """Try to hold once and give up when nothing is known of it; return what must have moved."""
    try:
        await payments.hold_funds(hold)
    except (Crash, ApplicationError):
        try:
            void = await path.void()
        except Refusal:
            # The hold was booked just before the crash: it stands and there is nothing to void.
            return Counter([CHARGE])
        await driven(payments.void_hold, void)
        answer = await path.provider.find(path.charge)
        was_charged = answer is not None and answer.outcome is PaymentOutcome.SUCCEEDED
        return Counter([CHARGE, REFUND] if was_charged else [])
    return Counter([CHARGE])


async def driven_to_end(path: MoneyPath, payments: PaymentActivities, run: Run) -> Moved:
    """Drive one delivery to its end and return what must have moved."""
    hold = await path.hold(run.method)
    if run.end == "voided":
        return await given_up(path, payments, hold)
    await driven(payments.hold_funds, hold)
    if run.end == "refunded":
        await driven(payments.refund_funds, await path.refund())
        return Counter([CHARGE, REFUND])
    account = run.account(path.delivery_id)
    await driven(payments.release_funds, await path.release(account))
    await driven(payments.pay_out, path.pay_out(account))
    return Counter([CHARGE, RELEASE, PAYOUT])


@settings(max_examples=EXAMPLES, deadline=None)
@given(run=runs)
@example(run=Run("voided", "", "", "", "", ["none", "none", "after"]))
@example(run=Run("voided", "", "timeout_after_success", "", "", ["none", "after"]))
async def test_every_interrupted_path_moves_every_cent_once(
    make_path: MakePath, provider: SandboxProvider, operations: DatabaseOperations, run: Run
) -> None:
    path, crashes = await make_path(), iter(run.crashes)
    payments = PaymentActivities(
        cast("PaymentProvider", Fragile(provider, crashes)),
        cast("PaymentOperations", Fragile(operations, crashes)),
    )
    expected = await driven_to_end(path, payments, run)
    assert await path.require_in_step() == expected
