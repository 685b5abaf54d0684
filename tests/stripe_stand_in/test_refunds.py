"""Refunds against the real SDK."""

from __future__ import annotations

import pytest
import stripe
from stripe.params import RefundCreateParams

from tests.stripe_stand_in import StripeStandIn, Terms
from tests.stripe_stand_in.payments import card_payment, paid_charge
from tests.stripe_stand_in.sdk import sdk_client


async def test_a_refund_never_exceeds_its_charge(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    charge = await paid_charge(client)

    await client.v1.refunds.create_async({"charge": charge, "amount": 4_000})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded") as too_much:
        await client.v1.refunds.create_async({"charge": charge, "amount": 201})
    rest = await client.v1.refunds.create_async({"charge": charge})
    with pytest.raises(stripe.InvalidRequestError) as done:
        await client.v1.refunds.create_async({"charge": charge})

    assert too_much.value.param == "amount"
    assert rest.amount == 200
    assert done.value.code == "charge_already_refunded"
    moved = stand_in.view.moved(delivery_id="d1")
    assert (moved.captured, moved.refunded, moved.fees, moved.left) == (4_200, 4_200, 88, -88)
    whole = await client.v1.charges.retrieve_async(charge, {"expand": ["refunds"]})
    assert whole.refunded
    assert whole.refunds is not None
    assert [refund.amount for refund in whole.refunds] == [200, 4_000]


async def test_a_refund_needs_a_captured_payment(client: stripe.StripeClient) -> None:
    held = await client.v1.payment_intents.create_async(card_payment(capture_method="manual"))

    refused: list[tuple[RefundCreateParams, str]] = [
        ({"payment_intent": held.id}, "payment_intent_unexpected_state"),
        ({"charge": str(held.latest_charge)}, "charge_not_captured"),
        ({}, "parameter_missing"),
        ({"charge": "ch_missing"}, "resource_missing"),
    ]
    for params, code in refused:
        with pytest.raises(stripe.InvalidRequestError) as refusal:
            await client.v1.refunds.create_async(params)
        assert refusal.value.code == code


async def test_a_refund_can_be_pending_and_arrive_later(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    charge = await paid_charge(client, payment_method="pm_card_pendingRefund")

    refund = await client.v1.refunds.create_async({"charge": charge})
    stand_in.move(hours=1)

    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    assert (await client.v1.refunds.retrieve_async(refund.id)).status == "succeeded"
    assert "refund.updated" in [event["type"] for event in stand_in.events]


async def test_a_refund_that_succeeded_can_fail_later(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    charge = await paid_charge(client, payment_method="pm_card_refundFail")
    before = stand_in.view.balance("eur")

    refund = await client.v1.refunds.create_async({"charge": charge})
    stand_in.move(hours=1)

    failed = await client.v1.refunds.retrieve_async(
        refund.id, {"expand": ["failure_balance_transaction"]}
    )
    assert (refund.status, failed.status) == ("succeeded", "failed")
    assert isinstance(failed.failure_balance_transaction, stripe.BalanceTransaction)
    assert failed.failure_balance_transaction.type == "refund_failure"
    assert stand_in.view.balance("eur") == before
    assert stand_in.view.moved(delivery_id="d1").refunded == 0
    assert (await client.v1.charges.retrieve_async(charge)).amount_refunded == 0


async def test_the_world_can_cancel_a_refund(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    charge = await paid_charge(client, payment_method="pm_card_pendingRefund")
    refund = await client.v1.refunds.create_async({"charge": charge, "metadata": {"op_id": "op2"}})

    stand_in.world.cancel_refund(refund.id)

    listed = await client.v1.refunds.list_async({"charge": charge})
    assert [(each.id, each.status) for each in listed] == [(refund.id, "canceled")]
    with pytest.raises(stripe.InvalidRequestError, match="requires an action"):
        await client.v1.refunds.cancel_async(refund.id)


async def test_without_bank_debits_a_refund_waits_for_the_balance(
    http: stripe.HTTPXClient,
) -> None:
    async with StripeStandIn(terms=Terms(bank_debits=False)) as stand_in:
        client = sdk_client(stand_in, http)
        charge = await paid_charge(client)

        refund = await client.v1.refunds.create_async({"charge": charge})

        assert (refund.status, refund.pending_reason) == ("pending", "insufficient_funds")
        assert stand_in.world.settle_refund(refund.id)["status"] == "succeeded"
