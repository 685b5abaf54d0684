"""The activities in front of Stripe: attempts, kept errors, forgotten keys, and every interruption."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from temporalio.exceptions import ApplicationError

from activities.operation_ports import PaymentOperations
from activities.payment_errors import (
    ACCOUNT_NOT_READY,
    OUTCOME_UNKNOWN,
    PROVIDER_REFUSED,
    PROVIDER_UNAVAILABLE,
)
from activities.payment_ports import PaymentProvider
from activities.payments import PaymentActivities
from domain.errors import Refusal
from domain.ledger import AccountKind
from domain.transitions import MoneyCommand, MoneyMoved, PaymentOutcome
from infra.database.invariants import check_invariants
from infra.database.operations import DatabaseOperations
from infra.payments.stripe_client import BoundedClient, stripe_client
from infra.payments.stripe_onboarding import StripeOnboarding
from infra.payments.stripe_provider import StripeProvider
from tests.activities.conftest import MakePath
from tests.activities.money_path import PRICE, SHARE, MoneyPath
from tests.activities.test_interruptions import Crash, Fragile
from tests.stripe_stand_in import API_KEY, Fault, StripeStandIn
from tests.stripe_stand_in import MoneyMoved as View

EXAMPLES = 60
TRIES_MAX = 60
OK, ASKS, SLOW = "pm_card_bypassPending", "pm_card_threeDSecureRequired", "pm_card_pendingRefund"
PAYMENT, REFUND, TRANSFER = "POST /v1/payment_intents", "POST /v1/refunds", "POST /v1/transfers"
SUCCEEDED = MoneyMoved(PaymentOutcome.SUCCEEDED)
LATER = (OUTCOME_UNKNOWN, PROVIDER_UNAVAILABLE)
Activity = Callable[[MoneyCommand], Awaitable[MoneyMoved]]


@dataclass
class AtStripe:
    """One stand-in for all tests of this file; deliveries keep out of each other's way."""

    stand_in: StripeStandIn
    provider: StripeProvider
    onboarding: StripeOnboarding
    payments: PaymentActivities
    account: str

    def moved(self, path: MoneyPath) -> View:
        return self.stand_in.view.moved(delivery_id=path.delivery_id)

    def keys(self, path: MoneyPath) -> list[str]:
        """Idempotency keys of a delivery's requests, in order."""
        keys = [seen.key or "" for seen in self.stand_in.requests]
        return [key for key in keys if key.startswith(path.delivery_id)]


@pytest.fixture(scope="session")
async def stage(operations: DatabaseOperations) -> AsyncIterator[AtStripe]:
    http = BoundedClient()
    async with StripeStandIn() as stand_in:
        client = stripe_client(API_KEY, api_url=stand_in.url, http_client=http)
        provider, onboarding = StripeProvider(client), StripeOnboarding(client)
        payments = PaymentActivities(provider, operations)
        account = await onboarding.open_account("traveler", "ES", "EUR")
        stand_in.world.complete_onboarding(account)
        yield AtStripe(stand_in, provider, onboarding, payments, account)
        assert stand_in.drift == []
    await cast("Any", http).close_async()


async def driven(activity: Activity, command: MoneyCommand) -> MoneyMoved:
    """Run an activity again after every failure that Temporal would try again."""
    for _ in range(TRIES_MAX):
        try:
            return await activity(command)
        except Crash:
            continue
        except ApplicationError as error:
            if error.type not in LATER:
                raise
    raise AssertionError("the activity never came to its end")


async def require_sound(path: MoneyPath) -> None:
    report = await check_invariants(path.engine, path.delivery_id)
    # Handover codes (I6) play no part here: pickup and handover are recorded without a scan.
    assert not [broken for broken in report.violations if broken.invariant != "I6"]


async def forget_keys(path: MoneyPath) -> None:
    """Make the attempts of a delivery a day old, as Stripe counts the life of a key."""
    async with path.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE payment_operation SET attempt_sent_at = attempt_sent_at - interval '1 day' "
                "WHERE delivery_id = :delivery_id"
            ),
            {"delivery_id": path.delivery_id},
        )


async def test_a_delivery_is_paid_for_and_its_traveler_by_stripe_itself(
    path: MoneyPath, stage: AtStripe
) -> None:
    await stage.payments.hold_funds(await path.hold(OK))
    await stage.payments.release_funds(await path.release(stage.account))
    asked = len(stage.stand_in.requests)
    assert await stage.payments.pay_out(path.pay_out(stage.account)) == SUCCEEDED
    assert len(stage.stand_in.requests) == asked
    moved = stage.moved(path)
    assert (moved.captured, moved.transferred) == (PRICE.amount_minor, SHARE.amount_minor)
    balances = await path.balances()
    assert balances[AccountKind.FEE_REVENUE] == (PRICE - SHARE).amount_minor
    assert AccountKind.TRAVELER_PAYABLE not in balances
    assert balances[AccountKind.PROVIDER_FEE_EXPENSE] == moved.fees > 0
    await require_sound(path)


@pytest.mark.parametrize("fault", [Fault.CACHED_500, Fault.CACHED_500_AFTER])
async def test_behind_a_kept_error_what_is_there_is_adopted_and_what_is_not_is_asked_for_anew(
    path: MoneyPath, stage: AtStripe, fault: Fault
) -> None:
    hold = await path.hold(OK)
    stage.stand_in.faults.put(PAYMENT, fault)
    with pytest.raises(ApplicationError) as unknown:
        await stage.payments.hold_funds(hold)
    assert unknown.value.type == OUTCOME_UNKNOWN
    assert await stage.payments.hold_funds(hold) == SUCCEEDED
    moved = stage.moved(path)
    assert (len(moved.charges), moved.captured) == (1, PRICE.amount_minor)
    was_done = fault is Fault.CACHED_500_AFTER
    assert (await path.row(path.charge_id)).attempt == (1 if was_done else 2)
    again = [path.charge_id] * 2
    assert stage.keys(path) == (again if was_done else [*again, f"{path.charge_id}/2"])
    await require_sound(path)


@pytest.mark.parametrize("fault", [Fault.DROP_BEFORE, Fault.DROP_AFTER])
async def test_a_key_that_may_be_forgotten_is_not_relied_upon(
    path: MoneyPath, stage: AtStripe, fault: Fault
) -> None:
    await stage.payments.hold_funds(await path.hold(OK))
    release = await path.release(stage.account)
    stage.stand_in.faults.put(TRANSFER, fault)
    with pytest.raises(ApplicationError):
        await stage.payments.release_funds(release)
    await forget_keys(path)
    assert await stage.payments.release_funds(release) == SUCCEEDED
    moved, was_done = stage.moved(path), fault is Fault.DROP_AFTER
    assert [sent["amount"] for sent in moved.transfers] == [SHARE.amount_minor]
    transfers = [key for key in stage.keys(path) if ":transfer" in key]
    first = release.intent.operation_id
    assert transfers == ([first] if was_done else [first, f"{first}/2"])
    await require_sound(path)


async def test_a_release_waits_for_an_account_and_is_made_once_it_is_set_up(
    path: MoneyPath, stage: AtStripe
) -> None:
    account = await stage.onboarding.open_account(path.traveler_id, "ES", "EUR")
    await stage.payments.hold_funds(await path.hold(OK))
    release = await path.release(account)
    for _ in range(3):
        with pytest.raises(ApplicationError) as waiting:
            await stage.payments.release_funds(release)
        assert (waiting.value.type, waiting.value.non_retryable) == (ACCOUNT_NOT_READY, True)
        assert account not in str(waiting.value)
    stage.stand_in.world.complete_onboarding(account)
    assert await stage.payments.release_funds(release) == SUCCEEDED
    assert stage.moved(path).transferred == SHARE.amount_minor
    await require_sound(path)


async def test_a_refund_that_fails_is_told_and_made_anew_when_somebody_decides_so(
    path: MoneyPath, stage: AtStripe
) -> None:
    await stage.payments.hold_funds(await path.hold(SLOW))
    refund = await path.refund()
    with pytest.raises(ApplicationError) as pending:
        await stage.payments.refund_funds(refund)
    assert pending.value.type == OUTCOME_UNKNOWN
    (made,) = stage.moved(path).refunds
    stage.stand_in.world.fail_refund(made["id"])
    with pytest.raises(ApplicationError) as failed:
        await stage.payments.refund_funds(refund)
    assert (failed.value.type, failed.value.non_retryable) == (PROVIDER_REFUSED, True)
    assert stage.moved(path).refunded == 0
    with pytest.raises(ApplicationError):
        await stage.payments.refund_funds(refund)
    stage.stand_in.world.settle_refund(stage.moved(path).refunds[-1]["id"])
    assert await stage.payments.refund_funds(refund) == SUCCEEDED
    assert stage.moved(path).refunded == PRICE.amount_minor
    assert (await path.row(refund.intent.operation_id)).attempt == 2
    await require_sound(path)


async def test_a_customer_who_must_act_is_told_no_secret_by_the_activity(
    path: MoneyPath, stage: AtStripe, operations: DatabaseOperations
) -> None:
    hold = await path.hold(ASKS)
    asked = await stage.payments.hold_funds(hold)
    assert asked == MoneyMoved(PaymentOutcome.REQUIRES_ACTION, "authentication_required")
    charge = await operations.operation(path.charge_id)
    assert charge is not None
    action = await stage.provider.action_for(charge)
    assert action is not None
    assert charge.provider_id in action.client_secret
    row = await path.row(path.charge_id)
    assert action.client_secret not in str(row)
    stage.stand_in.world.authenticate(charge.provider_id)
    assert await stage.payments.hold_funds(hold) == SUCCEEDED
    assert stage.moved(path).captured == PRICE.amount_minor
    await require_sound(path)


@dataclass(frozen=True)
class Run:
    """One delivery's end, what goes wrong at Stripe on the way there, and every crash."""

    end: str
    faults: list[tuple[str, Fault, int]]
    crashes: list[str]
    forgets: bool


struck = st.tuples(
    st.sampled_from([PAYMENT, REFUND, TRANSFER]),
    st.sampled_from([fault for fault in Fault if fault not in (Fault.SLOW, Fault.LATE)]),
    st.integers(1, 3),
)
runs = st.builds(
    Run,
    end=st.sampled_from(["voided", "refunded", "released"]),
    faults=st.lists(struck, max_size=5),
    crashes=st.lists(st.sampled_from(["none", "none", "before", "after"]), max_size=20),
    forgets=st.booleans(),
)


async def given_up(
    path: MoneyPath, payments: PaymentActivities, hold: MoneyCommand, *, forgets: bool
) -> bool:
    """Try to hold once and give up when nothing is known of it; return whether it was voided."""
    try:
        await payments.hold_funds(hold)
    except (Crash, ApplicationError):
        try:
            void = await path.void()
        except Refusal:
            # The hold was booked just before the crash: it stands and there is nothing to void.
            return False
        if forgets:
            await forget_keys(path)
        await driven(payments.void_hold, void)
        return True
    return False


@settings(max_examples=EXAMPLES, deadline=None)
@given(run=runs)
@example(run=Run("voided", [(PAYMENT, Fault.DROP_AFTER, 1)], [], forgets=True))
@example(run=Run("voided", [(PAYMENT, Fault.CACHED_500_AFTER, 1)], [], forgets=False))
@example(run=Run("voided", [(PAYMENT, Fault.DROP_BEFORE, 1)], [], forgets=False))
@example(run=Run("voided", [(PAYMENT, Fault.CACHED_500, 1)], ["none", "before"], forgets=False))
@example(
    run=Run("voided", [(PAYMENT, Fault.CACHED_500_AFTER, 1)], ["none", "before"], forgets=False)
)
async def test_every_interrupted_path_moves_every_cent_once(
    make_path: MakePath, stage: AtStripe, operations: DatabaseOperations, run: Run
) -> None:
    path, crashes = await make_path(), iter(run.crashes)
    payments = PaymentActivities(
        cast("PaymentProvider", Fragile(stage.provider, crashes)),
        cast("PaymentOperations", Fragile(operations, crashes)),
    )
    stage.stand_in.faults.clear()
    for route, fault, nth in run.faults:
        stage.stand_in.faults.put(route, fault, nth=nth)
    hold = await path.hold(OK)
    if run.end == "voided":
        was_voided = await given_up(path, payments, hold, forgets=run.forgets)
        expected = (0, 0) if was_voided else (PRICE.amount_minor, 0)
    else:
        await driven(payments.hold_funds, hold)
        is_refund = run.end == "refunded"
        activity = payments.refund_funds if is_refund else payments.release_funds
        command = await path.refund() if is_refund else await path.release(stage.account)
        if run.forgets:
            await forget_keys(path)
        await driven(activity, command)
        expected = (0, 0) if is_refund else (PRICE.amount_minor, SHARE.amount_minor)
    stage.stand_in.faults.clear()
    moved = stage.moved(path)
    assert (moved.captured - moved.refunded, moved.transferred) == expected
    assert len([charge for charge in moved.charges if charge["captured"]]) <= 1
    await require_sound(path)
