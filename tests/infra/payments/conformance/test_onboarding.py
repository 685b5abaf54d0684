"""Travelers are set up at a provider, and only then sent money."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from activities.payment_ports import ProviderRefused
from domain.transitions import OperationKind, PaymentOutcome
from tests.infra.payments.conformance.contract import (
    PART,
    ProviderUnderTest,
    Scene,
    charged,
    drawing,
    new_delivery,
)

BACK, AGAIN = "https://app.example/done", "https://app.example/again"


async def test_a_person_has_one_account_however_often_it_is_asked_for(
    under_test: ProviderUnderTest,
) -> None:
    traveler, other = str(uuid4()), str(uuid4())
    account = await under_test.onboarding.open_account(traveler, "DE")
    assert account
    assert await under_test.onboarding.open_account(traveler, "DE") == account
    assert await under_test.onboarding.open_account(other, "FR") != account


async def test_an_account_is_sent_money_once_its_traveler_has_told_everything(
    under_test: ProviderUnderTest,
) -> None:
    account = await under_test.onboarding.open_account(str(uuid4()), "DE")
    link = await under_test.onboarding.link(account, BACK, AGAIN)
    assert link.url.startswith("https://")
    assert link.url not in repr(link)
    assert link.expires_at > datetime.now(UTC)
    await under_test.tell_everything(account)
    status = await under_test.onboarding.status(account)
    assert (status.may_receive, status.may_pay_out) == (True, True)
    assert (status.details_submitted, status.due) == (True, ())
    charge = await charged(under_test, new_delivery())
    sent = await under_test.provider.transfer(
        drawing(OperationKind.TRANSFER, charge), PART, account
    )
    assert sent.outcome is PaymentOutcome.SUCCEEDED


async def test_an_account_that_is_not_ready_says_what_is_missing(
    under_test: ProviderUnderTest,
) -> None:
    account = (await under_test.tokens(Scene.NOT_READY)).account_of_transfer
    status = await under_test.onboarding.status(account)
    assert not status.may_receive
    assert status.due


async def test_an_account_in_no_country_and_one_of_nobody_are_refused(
    under_test: ProviderUnderTest,
) -> None:
    with pytest.raises(ProviderRefused):
        await under_test.onboarding.open_account(str(uuid4()), "Atlantis")
    for ask in (
        under_test.onboarding.status("acct_of_nobody"),
        under_test.onboarding.link("acct_of_nobody", BACK, AGAIN),
    ):
        with pytest.raises(ProviderRefused) as refused:
            await ask
        assert "acct_of_nobody" not in str(refused.value)
