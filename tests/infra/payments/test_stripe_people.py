"""Travelers who are set up at Stripe, and customers who dispute a charge there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activities.payment_ports import AccountNotReady, ProviderEventKind, ProviderRefused
from domain.money import Money
from domain.transitions import OperationKind
from infra.payments.stripe_disputes import DisputeEvidence
from tests.infra.payments.conformance.contract import (
    CHARGED,
    PART,
    charge_of,
    drawing,
    new_delivery,
)
from tests.infra.payments.conftest import Stripe

EVIDENCE = DisputeEvidence(
    shipping_date="2026-11-02", shipping_tracking_number="a delivery", uncategorized_text="scans"
)


async def disputed(at_stripe: Stripe, *, inquiry: bool = False) -> str:
    charge = charge_of(new_delivery())
    await at_stripe.provider.charge(charge, CHARGED, "pm_card_visa")
    (intent,) = at_stripe.stand_in.view.objects("payment_intent")
    dispute = at_stripe.stand_in.world.open_dispute(intent["latest_charge"], inquiry=inquiry)
    return str(dispute["id"])


async def test_a_traveler_is_sent_money_once_set_up(at_stripe: Stripe) -> None:
    provider, onboarding = at_stripe.provider, at_stripe.onboarding
    account = await onboarding.open_account("traveler", "ES", "EUR")
    assert await onboarding.open_account("traveler", "ES", "EUR") == account
    before = await onboarding.status(account)
    assert not before.may_receive
    assert before.due
    charge = charge_of(new_delivery())
    await provider.charge(charge, CHARGED, "pm_card_visa")
    with pytest.raises(AccountNotReady):
        await provider.transfer(drawing(OperationKind.TRANSFER, charge, ":0"), PART, account)
    at_stripe.stand_in.world.complete_onboarding(account)
    after = await onboarding.status(account)
    assert (after.may_receive, after.may_pay_out, after.due) == (True, True, ())
    await provider.transfer(drawing(OperationKind.TRANSFER, charge, ":1"), PART, account)
    assert at_stripe.stand_in.view.balance("eur", account) == PART.amount_minor


async def test_a_link_leads_a_traveler_to_stripe_and_is_not_printed(at_stripe: Stripe) -> None:
    account = await at_stripe.onboarding.open_account("traveler", "ES", "EUR")
    link = await at_stripe.onboarding.link(
        account, "https://app.example/done", "https://app.example/again"
    )
    assert link.url.startswith("https://connect.stripe.com/")
    assert link.url not in repr(link)
    assert link.expires_at > datetime.now(UTC)


async def test_news_of_an_account_names_the_account(at_stripe: Stripe) -> None:
    account = await at_stripe.account()
    about = [each for each in at_stripe.stand_in.events if each.get("account") == account]
    assert about
    for post in at_stripe.stand_in.webhooks.posts(about):
        event = at_stripe.provider.parse_webhook(post.body, post.headers)
        assert (event.kind, event.object_id) == (ProviderEventKind.ACCOUNT, account)


async def test_a_dispute_says_what_it_took_and_until_when(at_stripe: Stripe) -> None:
    state = await at_stripe.disputes.read(await disputed(at_stripe))
    (intent,) = at_stripe.stand_in.view.objects("payment_intent")
    assert (state.is_open, state.is_inquiry) == (True, False)
    assert state.charge_id == intent["id"]
    assert (state.amount, state.withdrawn) == (CHARGED, CHARGED)
    assert state.fee == Money(2_000, "EUR")
    assert state.due_by is not None
    assert state.due_by > datetime.now(UTC)


async def test_an_inquiry_moves_no_money(at_stripe: Stripe) -> None:
    state = await at_stripe.disputes.read(await disputed(at_stripe, inquiry=True))
    assert (state.is_open, state.is_inquiry) == (True, True)
    assert state.withdrawn == Money(0, "EUR")


async def test_evidence_is_staged_in_parts_and_submitted_once(at_stripe: Stripe) -> None:
    dispute_id, disputes = await disputed(at_stripe), at_stripe.disputes
    staged = await disputes.stage(dispute_id, DisputeEvidence(shipping_carrier="Sendalong"))
    assert (staged.is_open, staged.submissions) == (True, 0)
    submitted = await disputes.submit(dispute_id, EVIDENCE)
    again = await disputes.submit(dispute_id, EVIDENCE)
    assert submitted == again
    assert (submitted.is_open, submitted.submissions) == (False, 1)
    (dispute,) = at_stripe.stand_in.view.objects("dispute")
    told = {name: text for name, text in dispute["evidence"].items() if text}
    assert told.items() >= {"shipping_carrier": "Sendalong", "uncategorized_text": "scans"}.items()
    with pytest.raises(ProviderRefused):
        await disputes.stage(dispute_id, EVIDENCE)


async def test_a_dispute_that_was_won_gave_the_money_back(at_stripe: Stripe) -> None:
    dispute_id = await disputed(at_stripe)
    at_stripe.stand_in.world.rule_dispute(dispute_id, won=True)
    state = await at_stripe.disputes.read(dispute_id)
    assert (state.status, state.withdrawn) == ("won", Money(0, "EUR"))


async def test_news_of_a_dispute_names_the_charge(at_stripe: Stripe) -> None:
    dispute_id = await disputed(at_stripe)
    (intent,) = at_stripe.stand_in.view.objects("payment_intent")
    news = [e for e in at_stripe.stand_in.events if "charge.dispute." in str(e["type"])]
    assert news
    for post in at_stripe.stand_in.webhooks.posts(news):
        event = at_stripe.provider.parse_webhook(post.body, post.headers)
        assert (event.kind, event.object_id) == (ProviderEventKind.DISPUTE, dispute_id)
        assert event.charge_id == intent["id"]
