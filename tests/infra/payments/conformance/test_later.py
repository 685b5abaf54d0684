"""What comes later: holds, refunds that take time or fail, accounts that are not set up, news."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from activities.payment_ports import (
    AUTHORISATION_ENDED,
    AccountNotReady,
    Operation,
    ProviderEventKind,
    ProviderRefused,
    WebhookRefused,
)
from domain.transitions import OperationKind, PaymentOutcome
from tests.infra.payments.conformance.contract import (
    CHARGED,
    PART,
    ProviderUnderTest,
    Scene,
    charge_of,
    charged,
    drawing,
    held,
    new_delivery,
    prepare,
    ready_account,
)

CAPTURE, REFUND, TRANSFER = OperationKind.CAPTURE, OperationKind.REFUND, OperationKind.TRANSFER


async def test_held_money_is_taken_only_by_its_capture(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    hold = await held(under_test, delivery)
    answer = await provider.find(hold)
    assert answer is not None
    assert answer.outcome is PaymentOutcome.SUCCEEDED
    assert answer.capture_before is not None
    assert answer.capture_before > datetime.now(UTC)
    assert await under_test.moved(delivery) == []
    await provider.capture(drawing(CAPTURE, hold), CHARGED)
    (taken,) = await under_test.moved(delivery)
    assert (taken.kind, taken.amount_minor) == (OperationKind.CHARGE, CHARGED.amount_minor)
    after = await provider.find(hold)
    assert after is not None
    assert (after.outcome, after.capture_before) == (PaymentOutcome.SUCCEEDED, None)


async def test_what_was_captured_is_drawn_on_by_the_name_of_its_capture(
    under_test: ProviderUnderTest,
) -> None:
    delivery, provider = new_delivery(), under_test.provider
    hold, account = await held(under_test, delivery), await ready_account(under_test)
    capture = drawing(CAPTURE, hold)
    taken = await provider.capture(capture, CHARGED)
    # Whoever draws on it later knows the capture by its ids alone.
    source = replace(capture, source=None, provider_id=taken.provider_id)
    sent = drawing(TRANSFER, source)
    await provider.transfer(sent, PART, account)
    refund = drawing(REFUND, source)
    answer = await provider.refund(refund, CHARGED - PART)
    assert await provider.find(refund) == answer
    moved = {entry.kind: entry.amount_minor for entry in await under_test.moved(delivery)}
    assert moved == {
        OperationKind.CHARGE: CHARGED.amount_minor,
        TRANSFER: PART.amount_minor,
        REFUND: (CHARGED - PART).amount_minor,
    }


async def test_a_customer_may_be_asked_before_money_is_held(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    hold = await held(under_test, delivery, Scene.ASKS_THE_CUSTOMER)
    with pytest.raises(ProviderRefused):
        await provider.capture(drawing(CAPTURE, hold), CHARGED)
    await under_test.approve(hold.operation_id)
    answer = await provider.find(hold)
    assert answer is not None
    assert answer.capture_before is not None
    assert await under_test.moved(delivery) == []


async def test_a_void_lets_held_money_go(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    hold = await held(under_test, delivery)
    answer = await provider.void(drawing(OperationKind.VOID, hold))
    assert (answer.outcome, answer.provider_id) == (PaymentOutcome.SUCCEEDED, "")
    await require_too_late(under_test, hold)


async def test_held_money_that_lapsed_is_gone(under_test: ProviderUnderTest) -> None:
    hold = await held(under_test, new_delivery())
    await under_test.lapse(hold.operation_id)
    answer = await under_test.provider.find(hold)
    assert answer is not None
    assert answer.outcome is PaymentOutcome.DECLINED
    await require_too_late(under_test, hold)


async def require_too_late(under_test: ProviderUnderTest, hold: Operation) -> None:
    """A capture is declined, each time, and the provider remembers it so."""
    capture = drawing(CAPTURE, hold)
    for _ in range(2):
        answer = await under_test.provider.capture(capture, CHARGED)
        assert (answer.outcome, answer.detail) == (PaymentOutcome.DECLINED, AUTHORISATION_ENDED)
        assert await under_test.provider.find(capture) == answer
    assert await under_test.moved(hold.delivery_id) == []


async def test_a_refund_may_take_its_time(under_test: ProviderUnderTest) -> None:
    case = await prepare(REFUND, under_test, Scene.TAKES_TIME)
    before = await case.ask()
    assert before.outcome is PaymentOutcome.PENDING
    await under_test.settle(case.operation.operation_id)
    after = await case.ask()
    assert (after.outcome, after.provider_id) == (PaymentOutcome.SUCCEEDED, before.provider_id)
    assert await under_test.provider.find(case.operation) == after


async def test_a_refund_may_fail_after_it_succeeded_and_be_asked_for_anew(
    under_test: ProviderUnderTest,
) -> None:
    case = await prepare(REFUND, under_test, Scene.GOES_WELL)
    first = await case.ask()
    await under_test.fail_refund(case.operation.operation_id)
    failed = await case.ask()
    assert (failed.outcome, failed.provider_id) == (PaymentOutcome.DECLINED, first.provider_id)
    assert failed.detail
    again = replace(case.operation, attempt=2)
    second = await under_test.provider.refund(again, PART)
    assert second.outcome is PaymentOutcome.SUCCEEDED
    assert second.provider_id != first.provider_id
    assert await under_test.provider.find(case.operation) == second
    (given,) = await under_test.moved(case.operation.operation_id)
    assert given.amount_minor == PART.amount_minor


async def test_an_account_that_is_not_set_up_is_told_apart(under_test: ProviderUnderTest) -> None:
    case = await prepare(TRANSFER, under_test, Scene.NOT_READY)
    with pytest.raises(AccountNotReady):
        await case.ask()
    assert await under_test.provider.find(case.operation) is None
    assert await under_test.moved(case.operation.operation_id) == []


async def test_a_signed_message_names_what_it_is_about(under_test: ProviderUnderTest) -> None:
    delivery, provider = new_delivery(), under_test.provider
    charge = await charged(under_test, delivery)
    made = await provider.find(charge)
    event = provider.parse_webhook(*await under_test.message_about(charge.operation_id))
    assert made is not None
    assert (event.kind, event.operation_id) == (ProviderEventKind.CHARGE, charge.operation_id)
    assert event.object_id == made.provider_id
    assert event.event_id


async def test_a_message_that_is_not_the_providers_is_refused(
    under_test: ProviderUnderTest,
) -> None:
    charge = await charged(under_test, new_delivery())
    parse, about = under_test.provider.parse_webhook, under_test.message_about
    body, headers = await about(charge.operation_id)
    other = {name: value[:-1] + "x" for name, value in headers.items()}
    forged = await about(charge.operation_id, secret="whsec_of_somebody_else")
    old = await about(charge.operation_id, signed_s_ago=301)
    early = await about(charge.operation_id, signed_s_ago=-120)
    refused = [(body + b" ", headers), (body, other), (body, {}), forged, old, early]
    for message in refused:
        with pytest.raises(WebhookRefused):
            parse(*message)
    assert parse(body, headers) == parse(body, headers)


async def test_what_nobody_asked_for_has_no_customer_to_ask(under_test: ProviderUnderTest) -> None:
    assert await under_test.provider.action_for(charge_of(new_delivery())) is None
