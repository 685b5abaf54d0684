"""Every fault of the plan, as the real SDK meets it."""

from __future__ import annotations

import asyncio

import pytest
import stripe

from tests.stripe_stand_in import EVERY_GET, Fault, StripeStandIn
from tests.stripe_stand_in.payments import card_payment, paid_charge
from tests.stripe_stand_in.sdk import ContentClient, sdk_client

REFUND = "POST /v1/refunds"


@pytest.mark.parametrize(
    ("fault", "error", "refunded"),
    [
        (Fault.DROP_BEFORE, stripe.APIConnectionError, 0),
        (Fault.DROP_AFTER, stripe.APIConnectionError, 100),
        (Fault.CONFLICT, stripe.APIError, 0),
        (Fault.RATE_LIMIT, stripe.RateLimitError, 0),
        (Fault.LOCK_TIMEOUT, stripe.RateLimitError, 0),
    ],
)
async def test_a_fault_strikes_once_and_the_same_key_mends_it(
    client: stripe.StripeClient,
    stand_in: StripeStandIn,
    fault: Fault,
    error: type[Exception],
    refunded: int,
) -> None:
    charge = await paid_charge(client)
    stand_in.faults.put(REFUND, fault)

    with pytest.raises(error):
        await client.v1.refunds.create_async(
            {"charge": charge, "amount": 100}, {"idempotency_key": "op2:1"}
        )
    at_once = stand_in.view.moved(delivery_id="d1").refunded
    await client.v1.refunds.create_async(
        {"charge": charge, "amount": 100}, {"idempotency_key": "op2:1"}
    )

    assert at_once == refunded
    assert stand_in.view.moved(delivery_id="d1").refunded == 100
    assert stand_in.faults.open == ()


@pytest.mark.parametrize(
    ("fault", "refunded"), [(Fault.CACHED_500, 0), (Fault.CACHED_500_AFTER, 100)]
)
async def test_a_500_stays_with_its_key(
    client: stripe.StripeClient, stand_in: StripeStandIn, fault: Fault, refunded: int
) -> None:
    charge = await paid_charge(client)
    stand_in.faults.put(REFUND, fault)

    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            await client.v1.refunds.create_async(
                {"charge": charge, "amount": 100}, {"idempotency_key": "op2:1"}
            )
        assert failed.value.http_status == 500

    assert failed.value.headers is not None
    assert failed.value.headers["idempotent-replayed"] == "true"
    assert failed.value.headers["stripe-should-retry"] == "false"
    assert stand_in.view.moved(delivery_id="d1").refunded == refunded


async def test_a_late_answer_is_a_timeout_after_success(stand_in: StripeStandIn) -> None:
    impatient = ContentClient(timeout=0.2)
    client = sdk_client(stand_in, impatient)
    gate = asyncio.Event()
    stand_in.faults.put("POST /v1/payment_intents", Fault.LATE, gate=gate)

    with pytest.raises(stripe.APIConnectionError):
        await client.v1.payment_intents.create_async(card_payment(), {"idempotency_key": "op1:1"})
    with pytest.raises(stripe.APIError, match="in-progress"):
        await client.v1.payment_intents.create_async(card_payment(), {"idempotency_key": "op1:1"})
    gate.set()
    await impatient.close_async()  # type: ignore[no-untyped-call]

    assert stand_in.view.moved(delivery_id="d1").captured == 4_200


async def test_the_nth_call_of_several_fails(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    stand_in.faults.put("GET /v1/balance", Fault.RATE_LIMIT, nth=2, times=2)
    outcomes = []
    for _ in range(4):
        try:
            await client.v1.balance.retrieve_async()
            outcomes.append("ok")
        except stripe.RateLimitError:
            outcomes.append("429")

    assert outcomes == ["ok", "429", "429", "ok"]


async def test_faults_cover_whole_methods_and_can_be_cleared(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    stand_in.faults.put(EVERY_GET, Fault.DROP_BEFORE, times=100)
    with pytest.raises(stripe.APIConnectionError):
        await client.v1.charges.list_async()
    assert len(stand_in.faults.open) == 1

    stand_in.faults.clear()

    assert (await client.v1.charges.list_async()).data == []


def test_a_fault_for_a_route_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no route"):
        StripeStandIn().faults.put("POST /v1/refund", Fault.DROP_BEFORE)
