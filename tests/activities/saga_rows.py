"""One line per row of the saga table: how a delivery gets there, and what Stripe then shows."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

import pytest
from temporalio.exceptions import ApplicationError

from domain.money import Money
from domain.transitions import MoneyCommand
from tests.activities.at_stripe import OK, PAYMENT, REFUND, TRANSFER, AtStripe
from tests.activities.handing_on import GIVER_SHARE, give_share, pay_out_share
from tests.activities.money_path import PRICE, SHARE, MoneyPath
from tests.activities.owing import OWED, give_back, net, owe, pay
from tests.activities.test_authorising import CAPTURE, authorise, capture
from tests.activities.test_authorising import void as void_authorised
from tests.activities.test_saving import SETUP, VISA, charge_away, save
from tests.activities.test_saving import void as void_saved
from tests.stripe_stand_in import Fault


@dataclass(frozen=True)
class Shown:
    """What the stand-in shows of a delivery once a step is done. Units: minor units and counts."""

    captured: int = 0
    authorised: int = 0
    refunded: int = 0
    transferred: int = 0
    objects: int = 1
    """Effective charges, refunds, transfers and reversals together."""
    saved: int = 0
    """Payment methods that can be charged while their customer is away."""


def shown(path: MoneyPath, stage: AtStripe) -> Shown:
    """Return what the stand-in shows, whatever the platform believes."""
    moved, view = stage.moved(path), stage.stand_in.view
    charges = [each for each in moved.charges if each["captured"]]
    effective = [*charges, *moved.refunds, *moved.transfers, *moved.reversals]
    saved = [
        each
        for each in view.objects("payment_method")
        if each["customer"] is not None
        and any(
            customer["id"] == each["customer"]
            and customer["metadata"].get("delivery_id") == path.delivery_id
            for customer in view.objects("customer")
        )
    ]
    return Shown(
        moved.captured,
        moved.held,
        moved.refunded,
        moved.transferred,
        objects=len(effective),
        saved=len(saved),
    )


REVERSAL = "POST /v1/transfers/{transfer}/reversals"
_PAID = Money(400, "EUR")
"""What the traveler pays of the debt before it is kept back."""
Begin = Callable[[MoneyPath, AtStripe], Awaitable[MoneyCommand]]
TakeBack = Callable[[MoneyPath, MoneyCommand], Awaitable[MoneyCommand]]


@dataclass(frozen=True)
class Line:
    """How one row is reached, which call of Stripe it makes, and what that must have moved."""

    begin: Begin
    """Brings a delivery to where the step is asked for and returns the command."""
    route: str | None
    """The call that moves the money; none where Stripe does it by itself."""
    after: Shown
    take_back: TakeBack | None = None
    """Records that the step is given up and returns the command of its undo, where it has one."""


async def hold(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    return await path.hold(OK)


async def hold_by_saved_method(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    saved = await stage.payments.save_method(await save(path, VISA))
    return await charge_away(path, saved.saved_method)


async def authorised(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    return await authorise(path, OK)


async def to_be_saved(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    return await save(path, VISA)


async def to_be_captured(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    command = await authorise(path, OK)
    await stage.payments.authorise_funds(command)
    return await capture(path, command.intent)


async def void_what_was_authorised(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    command = await authorise(path, OK)
    await stage.payments.authorise_funds(command)
    return await void_authorised(path, command.intent)


async def void_what_was_saved(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    await stage.payments.save_method(await save(path, VISA))
    return await void_saved(path)


async def void_what_was_charged(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    return await _void_after(path, stage, Fault.DROP_AFTER)


async def void_what_never_arrived(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    return await _void_after(path, stage, Fault.DROP_BEFORE)


async def _void_after(path: MoneyPath, stage: AtStripe, fault: Fault) -> MoneyCommand:
    command = await path.hold(OK)
    stage.stand_in.faults.put(PAYMENT, fault)
    with pytest.raises(ApplicationError):
        await stage.payments.hold_funds(command)
    return await path.void()


async def refund(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    await stage.payments.hold_funds(await path.hold(OK))
    return await path.refund()


async def release(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    await stage.payments.hold_funds(await path.hold(OK))
    return await path.release(stage.account)


async def compensate(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    # The two differ in what is booked and not in what is asked for.
    return await release(path, stage)


async def pay_out(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    await stage.payments.release_funds(await release(path, stage))
    return path.pay_out(stage.account)


async def net_dues(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    await stage.payments.release_funds(await release(path, stage))
    return await net(path, stage.account, await owe(path))


async def return_surplus(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    await stage.payments.release_funds(await release(path, stage))
    due = await owe(path)
    command = await net(path, stage.account, due)
    stage.stand_in.faults.put(REVERSAL, Fault.DROP_AFTER)
    with pytest.raises(ApplicationError):
        await stage.payments.net_dues(command)
    await pay(path, due.delivery_id, _PAID)
    moved = await stage.payments.net_dues(command)
    assert moved.left_over == _PAID
    return await give_back(path, stage.account, _PAID)


async def release_giver_share(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    await stage.payments.hold_funds(await path.hold(OK))
    await path.release(stage.account, SHARE - GIVER_SHARE)
    return await give_share(path, stage.account)


async def pay_out_giver(path: MoneyPath, stage: AtStripe) -> MoneyCommand:
    command = await release_giver_share(path, stage)
    await stage.payments.release_giver_share(command)
    return pay_out_share(path, stage.account, command.payee_id)


async def give_up(path: MoneyPath, command: MoneyCommand) -> MoneyCommand:
    return await path.void()


async def give_up_authorisation(path: MoneyPath, command: MoneyCommand) -> MoneyCommand:
    return await void_authorised(path, command.intent)


async def give_up_saving(path: MoneyPath, command: MoneyCommand) -> MoneyCommand:
    return await void_saved(path)


_PRICE, _SHARE = PRICE.amount_minor, SHARE.amount_minor
_CHARGED, _NOTHING = Shown(_PRICE), Shown(objects=0)
_REFUNDED = Shown(_PRICE, refunded=_PRICE, objects=2)
_RELEASED = Shown(_PRICE, transferred=_SHARE, objects=2)
_NETTED = Shown(_PRICE, transferred=_SHARE - OWED.amount_minor, objects=3)
_RETURNED = replace(_NETTED, transferred=_NETTED.transferred + _PAID.amount_minor, objects=4)
_GIVEN = Shown(_PRICE, transferred=GIVER_SHARE.amount_minor, objects=2)
_CANCEL = "POST /v1/payment_intents/{intent}/cancel"
_DETACH = "POST /v1/payment_methods/{method}/detach"

LINES: Mapping[str, tuple[Line, ...]] = {
    "hold_funds": (
        Line(hold, PAYMENT, _CHARGED, give_up),
        Line(hold_by_saved_method, PAYMENT, replace(_CHARGED, saved=1)),
    ),
    "authorise_funds": (
        Line(authorised, PAYMENT, Shown(authorised=_PRICE, objects=0), give_up_authorisation),
    ),
    "save_method": (Line(to_be_saved, SETUP, Shown(objects=0, saved=1), give_up_saving),),
    "capture_funds": (Line(to_be_captured, CAPTURE, _CHARGED),),
    "void_hold": (
        Line(void_what_was_charged, REFUND, _REFUNDED),
        Line(void_what_never_arrived, PAYMENT, _NOTHING),
        Line(void_what_was_authorised, _CANCEL, _NOTHING),
        Line(void_what_was_saved, _DETACH, _NOTHING),
    ),
    "refund_funds": (Line(refund, REFUND, _REFUNDED),),
    "release_funds": (Line(release, TRANSFER, _RELEASED),),
    "release_compensation": (Line(compensate, TRANSFER, _RELEASED),),
    "net_dues": (Line(net_dues, REVERSAL, _NETTED),),
    "return_surplus": (Line(return_surplus, TRANSFER, _RETURNED),),
    "pay_out": (Line(pay_out, None, _RELEASED),),
    "release_giver_share": (Line(release_giver_share, TRANSFER, _GIVEN),),
    "pay_out_giver": (Line(pay_out_giver, None, _GIVEN),),
}
"""Every row of `workflows/steps.py`, by its name; a row can be reached in more than one way."""


class Interruption(StrEnum):
    """What goes wrong between the workflow asking for a step and hearing that it is done."""

    CRASH_BEFORE_THE_CALL = "crash_before_the_call"
    CRASH_AFTER_THE_CALL = "crash_after_the_call"
    CRASH_AFTER_THE_COMMIT = "crash_after_the_commit"
    TIMEOUT_BEFORE_SUCCESS = "timeout_before_success"
    TIMEOUT_AFTER_SUCCESS = "timeout_after_success"
    ERROR_KEPT = "error_kept"
    ERROR_KEPT_AFTER_SUCCESS = "error_kept_after_success"
    RUN_TWICE = "run_twice"
    RUN_TWICE_AT_ONCE = "run_twice_at_once"
    RUN_AGAIN_WHILE_SLOW = "run_again_while_slow"


CRASHES: Mapping[Interruption, tuple[str, str]] = {
    Interruption.CRASH_BEFORE_THE_CALL: ("mark_sent", "after"),
    Interruption.CRASH_AFTER_THE_CALL: ("finish", "before"),
    Interruption.CRASH_AFTER_THE_COMMIT: ("finish", "after"),
}
"""Where the process ends, as the write-ahead log sees it: the provider's call lies in between."""
FAULTS: Mapping[Interruption, Fault] = {
    Interruption.TIMEOUT_BEFORE_SUCCESS: Fault.DROP_BEFORE,
    Interruption.TIMEOUT_AFTER_SUCCESS: Fault.DROP_AFTER,
    Interruption.ERROR_KEPT: Fault.CACHED_500,
    Interruption.ERROR_KEPT_AFTER_SUCCESS: Fault.CACHED_500_AFTER,
}
