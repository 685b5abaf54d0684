"""Transfers, reversals and payouts against the real SDK."""

from __future__ import annotations

import pytest
import stripe
from stripe.params import TransferCreateParams

from tests.stripe_stand_in import StripeStandIn
from tests.stripe_stand_in.payments import paid_charge, traveler_account


def transfer_of(charge: str, account: str, amount: int = 3_570) -> TransferCreateParams:
    """Return the parameters of a release."""
    return {
        "amount": amount,
        "currency": "eur",
        "destination": account,
        "source_transaction": charge,
        "transfer_group": "d1",
        "metadata": {"delivery_id": "d1", "op_id": "op2"},
    }


async def test_a_transfer_from_a_charge_needs_no_settled_balance(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    charge = await paid_charge(client)

    made = await client.v1.transfers.create_async(transfer_of(charge, account))

    assert stand_in.view.available("eur") == 0
    assert (stand_in.view.balance("eur"), stand_in.view.balance("eur", account)) == (542, 3_570)
    assert stand_in.view.moved(delivery_id="d1").left == 542
    listed = await client.v1.transfers.list_async({"transfer_group": "d1"})
    assert [transfer.id for transfer in listed] == [made.id]
    stand_in.move(days=2)
    assert stand_in.view.available("eur", account) == 3_570


async def test_a_transfer_without_source_needs_available_money(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    await paid_charge(client)
    params = transfer_of("", account)
    del params["source_transaction"]

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.transfers.create_async(params)
    stand_in.move(days=2)

    assert refused.value.code == "balance_insufficient"
    assert (await client.v1.transfers.create_async(params)).source_transaction is None


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"amount": 4_201}, "amount"),
        ({"currency": "usd"}, "source_transaction"),
        ({"source_transaction": "ch_missing"}, "source_transaction"),
        ({"destination": "acct_missing"}, "destination"),
        ({"transfer_group": "another"}, "transfer_group"),
    ],
)
async def test_impossible_transfers_are_refused(
    client: stripe.StripeClient, stand_in: StripeStandIn, change: TransferCreateParams, param: str
) -> None:
    account = await traveler_account(client, stand_in)
    charge = await paid_charge(client)
    params: TransferCreateParams = {**transfer_of(charge, account), **change}

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.transfers.create_async(params)

    assert refused.value.param == param
    assert stand_in.view.moved(delivery_id="d1").transfers == ()


async def test_transfers_of_one_charge_never_exceed_it(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    charge = await paid_charge(client)
    await client.v1.transfers.create_async(transfer_of(charge, account, 4_000))

    with pytest.raises(stripe.InvalidRequestError, match="exceeds the charge"):
        await client.v1.transfers.create_async(transfer_of(charge, account, 201))


async def test_an_account_that_has_not_onboarded_receives_nothing(
    client: stripe.StripeClient,
) -> None:
    account = await client.v1.accounts.create_async(
        {"type": "express", "capabilities": {"transfers": {"requested": True}}}
    )
    charge = await paid_charge(client)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.transfers.create_async(transfer_of(charge, account.id))

    assert refused.value.code == "insufficient_capabilities_for_transfer"


async def test_a_transfer_can_be_reversed_in_parts(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    made = await client.v1.transfers.create_async(transfer_of(await paid_charge(client), account))

    part = await client.v1.transfers.reversals.create_async(
        made.id, {"amount": 570, "metadata": {"op_id": "op3"}}
    )
    await client.v1.transfers.reversals.create_async(made.id)
    with pytest.raises(stripe.InvalidRequestError, match="already fully reversed"):
        await client.v1.transfers.reversals.create_async(made.id)

    back = await client.v1.transfers.retrieve_async(made.id)
    assert (back.reversed, back.amount_reversed) == (True, 3_570)
    found = await client.v1.transfers.reversals.retrieve_async(made.id, part.id)
    assert found.metadata is not None
    assert found.metadata["op_id"] == "op3"
    listed = await client.v1.transfers.reversals.list_async(made.id)
    assert [reversal.amount for reversal in listed] == [3_000, 570]
    assert stand_in.view.balance("eur", account) == 0


async def test_after_the_payout_there_is_nothing_left_to_reverse(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    made = await client.v1.transfers.create_async(transfer_of(await paid_charge(client), account))
    stand_in.move(days=2)
    payout = await client.v1.payouts.create_async(
        {"amount": 3_570, "currency": "eur", "metadata": {"delivery_id": "d1"}},
        {"stripe_account": account},
    )

    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.transfers.reversals.create_async(made.id)

    assert refused.value.code == "balance_insufficient"
    stand_in.world.fail_payout(payout.id)
    assert (await client.v1.transfers.reversals.create_async(made.id)).amount == 3_570


async def test_a_payout_arrives_by_itself_and_its_events_name_the_account(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    await client.v1.transfers.create_async(transfer_of(await paid_charge(client), account))
    with pytest.raises(stripe.InvalidRequestError) as early:
        await client.v1.payouts.create_async(
            {"amount": 3_570, "currency": "eur"}, {"stripe_account": account}
        )
    stand_in.move(days=2)
    payout = stand_in.world.pay_out_everything(account)[0]

    stand_in.move(days=2)

    seen = await client.v1.payouts.retrieve_async(payout["id"], None, {"stripe_account": account})
    assert early.value.code == "balance_insufficient"
    assert (seen.status, seen.automatic) == ("paid", True)
    assert stand_in.events[-1]["type"] == "payout.paid"
    assert stand_in.events[-1]["account"] == account
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.payouts.retrieve_async(payout["id"])
    balance = await client.v1.balance.retrieve_async(None, {"stripe_account": account})
    assert [amount.amount for amount in balance.available] == [0]


async def test_every_movement_is_a_balance_transaction(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    charge = await paid_charge(client)
    await client.v1.transfers.create_async(transfer_of(charge, account))
    await client.v1.refunds.create_async({"charge": charge, "amount": 100})

    listed = await client.v1.balance_transactions.list_async()

    assert [(each.type, each.net) for each in listed] == [
        ("refund", -100),
        ("transfer", -3_570),
        ("charge", 4_112),
    ]
    of_charge = await client.v1.balance_transactions.list_async(
        {"source": charge, "expand": ["data.source"]}
    )
    assert isinstance(of_charge.data[0].source, stripe.Charge)
    total = sum(each.net for each in listed)
    assert total == stand_in.view.balance("eur")
