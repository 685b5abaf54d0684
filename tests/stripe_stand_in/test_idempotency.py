"""Idempotency keys against the real SDK."""

from __future__ import annotations

import asyncio

import pytest
import stripe

from tests.stripe_stand_in import DAY_S, Fault, StripeStandIn
from tests.stripe_stand_in.payments import card_payment, traveler_account


async def test_the_same_request_is_answered_once_and_replayed(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    first = await client.v1.payment_intents.create_async(
        card_payment(), {"idempotency_key": "op1:1"}
    )
    second = await client.v1.payment_intents.create_async(
        card_payment(), {"idempotency_key": "op1:1"}
    )

    assert second.id == first.id
    assert second.last_response is not None
    assert second.last_response.headers["idempotent-replayed"] == "true"
    assert second.last_response.headers["original-request"] == stand_in.requests[0].request_id
    assert len(stand_in.view.moved(delivery_id="d1").charges) == 1


async def test_another_request_under_the_same_key_is_an_idempotency_error(
    client: stripe.StripeClient,
) -> None:
    made = await client.v1.payment_intents.create_async(
        card_payment(capture_method="manual"), {"idempotency_key": "op1:1"}
    )

    with pytest.raises(stripe.IdempotencyError, match="same parameters"):
        await client.v1.payment_intents.create_async(
            card_payment(amount=4_300), {"idempotency_key": "op1:1"}
        )
    with pytest.raises(stripe.IdempotencyError, match="same endpoint"):
        await client.v1.payment_intents.cancel_async(made.id, None, {"idempotency_key": "op1:1"})


async def test_a_decline_is_replayed_too(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    declined = card_payment(payment_method="pm_card_visa_chargeDeclined")
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            await client.v1.payment_intents.create_async(declined, {"idempotency_key": "op1:1"})

    assert [seen.replayed for seen in stand_in.requests] == [False, True]
    assert len(stand_in.view.moved(delivery_id="d1").charges) == 1


async def test_a_refusal_found_while_executing_is_kept(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    for wait_days in (0, 0.5):
        stand_in.move(days=wait_days)
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await client.v1.transfers.create_async(
                {"amount": 100, "currency": "eur", "destination": account},
                {"idempotency_key": "op2:1"},
            )
        assert refused.value.code == "balance_insufficient"
        await client.v1.payment_intents.create_async(
            card_payment(payment_method="pm_card_bypassPending")
        )

    assert stand_in.requests[-2].replayed


async def test_a_request_that_fails_validation_keeps_nothing(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.payment_intents.create_async(
            card_payment(capture_method="sometimes"), {"idempotency_key": "op1:1"}
        )

    made = await client.v1.payment_intents.create_async(
        card_payment(), {"idempotency_key": "op1:1"}
    )

    assert made.status == "succeeded"
    assert [drift.reason for drift in stand_in.drift] == [
        "Invalid capture_method: must be one of automatic, automatic_async, manual"
    ]
    stand_in.drift.clear()


async def test_a_key_in_use_is_a_conflict(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    gate = asyncio.Event()
    slow = stand_in.faults.put("POST /v1/payment_intents", Fault.SLOW, gate=gate)
    first = asyncio.create_task(
        client.v1.payment_intents.create_async(card_payment(), {"idempotency_key": "op1:1"})
    )
    await slow.reached.wait()

    with pytest.raises(stripe.APIError) as conflict:
        await client.v1.payment_intents.create_async(card_payment(), {"idempotency_key": "op1:1"})
    gate.set()

    assert type(conflict.value) is stripe.APIError
    assert conflict.value.error is not None
    assert conflict.value.error.code == "idempotency_key_in_use"
    assert conflict.value.http_status == 409
    assert (await first).status == "succeeded"
    assert len(stand_in.view.moved(delivery_id="d1").charges) == 1


async def test_a_key_is_forgotten_after_a_day(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    ids = set()
    for seconds in (0, DAY_S - 1, 1):
        stand_in.move(seconds=seconds)
        made = await client.v1.payment_intents.create_async(
            card_payment(), {"idempotency_key": "op1:1"}
        )
        ids.add(made.id)

    assert len(ids) == 2
    assert stand_in.view.moved(delivery_id="d1").captured == 8_400


async def test_keys_of_different_accounts_do_not_meet(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    accounts = [await traveler_account(client, stand_in) for _ in range(2)]
    for account in accounts:
        with pytest.raises(stripe.InvalidRequestError, match="insufficient"):
            await client.v1.payouts.create_async(
                {"amount": 100, "currency": "eur"},
                {"stripe_account": account, "idempotency_key": "op5:1"},
            )
    assert not any(seen.replayed for seen in stand_in.requests)


async def test_a_key_in_use_is_not_forgotten(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    gate = asyncio.Event()
    late = stand_in.faults.put("POST /v1/customers", Fault.LATE, gate=gate)
    first = asyncio.create_task(
        client.v1.customers.create_async(None, {"idempotency_key": "customer:1"})
    )
    await late.reached.wait()

    stand_in.move(days=2)

    with pytest.raises(stripe.APIError, match="in-progress"):
        await client.v1.customers.create_async(None, {"idempotency_key": "customer:1"})
    gate.set()
    assert (await first).id == stand_in.view.objects("customer")[0]["id"]
