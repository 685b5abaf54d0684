"""A traveler who has no account yet when an offer is accepted is paid at the one opened later."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from temporalio.exceptions import ApplicationError

from activities.payment_errors import ACCOUNT_NOT_READY
from activities.payments import PaymentActivities
from domain.transitions import MoneyMoved, PaymentOutcome
from infra.database.schema import person
from tests.activities.at_stripe import require_sound
from tests.activities.money_path import SHARE, MoneyPath

SUCCEEDED = MoneyMoved(PaymentOutcome.SUCCEEDED)


async def give_account(path: MoneyPath, account: str) -> None:
    known = update(person).where(person.c.person_id == path.traveler_id)
    async with path.engine.begin() as connection:
        await connection.execute(known.values(payout_account=account))


async def test_a_release_waits_until_its_traveler_has_an_account(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    await payments.hold_funds(await path.hold())
    release = await path.release("")
    for _ in range(2):
        with pytest.raises(ApplicationError) as waiting:
            await payments.release_funds(release)
        assert (waiting.value.type, waiting.value.non_retryable) == (ACCOUNT_NOT_READY, True)
    account = f"acct_sandbox_{path.traveler_id}"
    await give_account(path, account)
    assert await payments.release_funds(release) == SUCCEEDED
    assert await path.provider.balance(account, "EUR") == SHARE
    assert await payments.pay_out(path.pay_out("")) == SUCCEEDED
    assert (await path.provider.balance(account, "EUR")).amount_minor == 0
    await require_sound(path)


async def test_what_was_agreed_goes_where_it_was_agreed(
    path: MoneyPath, payments: PaymentActivities
) -> None:
    agreed = f"acct_sandbox_{path.traveler_id}"
    await give_account(path, f"{agreed}_later")
    await payments.hold_funds(await path.hold())
    assert await payments.release_funds(await path.release(agreed)) == SUCCEEDED
    assert await path.provider.balance(agreed, "EUR") == SHARE
