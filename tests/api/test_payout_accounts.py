"""A traveler sets up the account to be paid to, before or after an offer was accepted."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.api.client import Person, code_of
from tests.api.story import Cast, Story, done
from tests.waiting import until

PATH = "/v1/me/payout-account"
WANTED = {
    "country": "DE",
    "return_url": "https://app.example/done",
    "refresh_url": "https://app.example/again",
}


@pytest.fixture
async def traveler(story: Story) -> Person:
    """A traveler without an account."""
    return await story.person("traveler")


async def test_a_traveler_opens_one_account_and_gets_a_new_link_each_time(
    traveler: Person,
) -> None:
    missing = await traveler.get(PATH)
    assert (missing.status_code, code_of(missing)) == (404, "payout_account_missing")
    first = await traveler.post(PATH, WANTED, key="one")
    link = done(first)
    assert link["url"].startswith("https://")
    assert datetime.fromisoformat(link["expires_at"]) > datetime.now(UTC)
    assert first.headers["cache-control"] == "no-store"
    for key in ("one", "two"):
        again = done(await traveler.post(PATH, WANTED, key=key))
        assert again["expires_at"] > link["expires_at"]
    assert done(await traveler.get(PATH)) == {
        "may_receive": True,
        "may_pay_out": True,
        "details_submitted": True,
        "due": [],
    }


async def test_an_account_that_is_not_ready_says_so(story: Story) -> None:
    waiting = await story.traveler("acct_sandbox_tomas_not_ready")
    status = done(await waiting.get(PATH))
    assert not status["may_receive"]
    assert status["due"]
    done(await waiting.post(PATH, WANTED))
    assert done(await waiting.get(PATH)) == status


async def test_only_travelers_have_an_account(story: Story) -> None:
    customer = await story.person("customer", "agent")
    for answer in (await customer.get(PATH), await customer.post(PATH, WANTED)):
        assert (answer.status_code, code_of(answer)) == (403, "not_your_role")


@pytest.mark.parametrize(
    "changes",
    [
        {"country": "de"},
        {"country": "DEU"},
        {"return_url": "http://app.example/done"},
        {"return_url": "javascript:alert(1)"},
        {"refresh_url": "https://app.example/a b"},
        {"account": "acct_1"},
    ],
)
async def test_what_is_no_country_or_address_is_refused(
    traveler: Person, changes: dict[str, str]
) -> None:
    answer = await traveler.post(PATH, {**WANTED, **changes})
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
    assert (await traveler.get(PATH)).status_code == 404


async def test_a_key_is_for_one_request(traveler: Person) -> None:
    done(await traveler.post(PATH, WANTED, key="one"))
    answer = await traveler.post(PATH, {**WANTED, "country": "FR"}, key="one")
    assert (answer.status_code, code_of(answer)) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("waits", [False, True])
async def test_a_traveler_without_an_account_may_carry_and_is_paid_once_there_is_one(
    story: Story, waits: bool
) -> None:
    cast = await story.delivered(payout_account=None)
    if waits:
        done(await cast.customer.post(f"{cast.path}/confirm"))
        await until_awaited(cast)
        done(await cast.traveler.post(PATH, WANTED))
    else:
        done(await cast.traveler.post(PATH, WANTED))
        done(await cast.customer.post(f"{cast.path}/confirm"))
    await cast.until("completed")
    ledger = done(await cast.traveler.get(f"{cast.path}/ledger"))
    assert "release" in {booked["kind"] for booked in ledger["transactions"]}


async def until_awaited(cast: Cast) -> None:
    async def is_awaited() -> bool:
        timeline = done(await cast.traveler.get(f"{cast.path}/timeline"))
        return "account_awaited" in {event["kind"] for event in timeline["items"]}

    await until(is_awaited)
