"""Travelers who are set up at Stripe, and customers who dispute a charge there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activities.payment_ports import AccountNotReady, ProviderEventKind
from domain.transitions import OperationKind
from tests.infra.payments.conformance.contract import (
    CHARGED,
    PART,
    charge_of,
    drawing,
    new_delivery,
)
from tests.infra.payments.conftest import Stripe


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
