"""Disputes against the real SDK."""

from __future__ import annotations

import pytest
import stripe

from tests.stripe_stand_in import StripeStandIn
from tests.stripe_stand_in.payments import paid_charge


def types_of(stand_in: StripeStandIn) -> list[object]:
    """Return the types of the dispute events so far."""
    types = [event["type"] for event in stand_in.events]
    return [kind for kind in types if str(kind).startswith("charge.dispute.")]


async def test_a_chargeback_takes_the_money_and_blocks_refunds(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    charge = await paid_charge(client)

    dispute = stand_in.world.open_dispute(charge, reason="product_not_received")

    seen = await client.v1.disputes.retrieve_async(dispute["id"], {"expand": ["charge"]})
    assert (seen.status, seen.amount, seen.is_charge_refundable) == ("needs_response", 4_200, False)
    assert [(each.amount, each.fee) for each in seen.balance_transactions] == [(-4_200, 2_000)]
    assert seen.evidence_details.due_by == seen.created + 7 * 86_400
    assert isinstance(seen.charge, stripe.Charge)
    assert seen.charge.disputed
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await client.v1.refunds.create_async({"charge": charge})
    assert refused.value.code == "charge_disputed"
    assert stand_in.view.moved(delivery_id="d1").charged_back == 4_200


async def test_evidence_is_staged_then_submitted_and_wins(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    charge = await paid_charge(client)
    before = stand_in.view.balance("eur")
    dispute = stand_in.world.open_dispute(charge)

    staged = await client.v1.disputes.update_async(
        dispute["id"],
        {"evidence": {"shipping_date": "2026-01-01"}, "submit": False, "metadata": {"k": "v"}},
    )
    submitted = await client.v1.disputes.update_async(
        dispute["id"], {"evidence": {"uncategorized_text": "winning_evidence"}}
    )

    assert (staged.status, staged.evidence_details.submission_count) == ("needs_response", 0)
    assert staged.evidence_details.has_evidence
    assert (submitted.status, submitted.evidence_details.submission_count) == ("under_review", 1)
    assert submitted.evidence.shipping_date == "2026-01-01"
    won = await client.v1.disputes.retrieve_async(dispute["id"])
    assert won.status == "won"
    assert stand_in.view.balance("eur") == before - 2_000
    assert types_of(stand_in) == [
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.updated",
        "charge.dispute.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    with pytest.raises(stripe.InvalidRequestError, match="no longer be changed"):
        await client.v1.disputes.update_async(dispute["id"], {"evidence": {"receipt": "file_1"}})


async def test_a_dispute_that_nobody_answers_is_lost(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    dispute = stand_in.world.open_dispute(await paid_charge(client), due_in_s=86_400)

    stand_in.move(days=1)

    lost = await client.v1.disputes.retrieve_async(dispute["id"])
    assert (lost.status, lost.evidence_details.past_due) == ("lost", True)
    stand_in.world.rule_dispute(dispute["id"], won=True)
    assert types_of(stand_in)[-2:] == ["charge.dispute.funds_reinstated", "charge.dispute.closed"]


async def test_an_inquiry_moves_no_money_until_it_is_escalated(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    charge = await paid_charge(client, payment_method="pm_card_createDisputeInquiry")
    listed = await client.v1.disputes.list_async({"charge": charge})
    inquiry = listed.data[0]
    assert (inquiry.status, inquiry.balance_transactions) == ("warning_needs_response", [])
    assert inquiry.is_charge_refundable

    await client.v1.disputes.update_async(
        inquiry.id, {"evidence": {"uncategorized_text": "escalate_inquiry_evidence"}}
    )

    chargeback = await client.v1.disputes.retrieve_async(inquiry.id)
    assert chargeback.status == "needs_response"
    assert [each.amount for each in chargeback.balance_transactions] == [-4_200]


async def test_an_inquiry_closes_when_its_time_is_over(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    dispute = stand_in.world.open_dispute(await paid_charge(client), inquiry=True)

    stand_in.move(days=7)

    assert (await client.v1.disputes.retrieve_async(dispute["id"])).status == "warning_closed"


async def test_a_dispute_may_be_larger_than_the_payment_and_can_be_conceded(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    dispute = stand_in.world.open_dispute(await paid_charge(client), amount=5_000)

    conceded = await client.v1.disputes.close_async(dispute["id"])

    assert (conceded.status, conceded.amount) == ("lost", 5_000)
    assert stand_in.view.balance("eur") == 4_112 - 7_000


async def test_a_scripted_card_disputes_by_itself(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    charge = await paid_charge(client, payment_method="pm_card_createDispute")

    listed = await client.v1.disputes.list_async({"charge": charge})

    assert [dispute.reason for dispute in listed] == ["fraudulent"]
