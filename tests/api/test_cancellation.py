"""Leaving before the pickup through the API: the quote says what the cancellation then does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.composition import create_app
from domain.leaving.policy import CancellationTier
from domain.policies import standard_policies
from infra.database.tokens import create_token
from infra.settings import Settings
from tests.api.client import Person, RefuseUndocumented
from tests.api.story import Story, done
from tests.conftest import MakePerson

ALWAYS = CancellationTier(7 * 86_400, compensation_basis_points=2_000, fee_basis_points=500)


@pytest.fixture
async def dear(
    settings: Settings, polling: None, engine: AsyncEngine, make_person: MakePerson
) -> AsyncIterator[Story]:
    """Deliveries under policies by which a cancellation costs something from the first moment on."""
    policies = standard_policies()
    strict = replace(policies.cancellation, grace_s=0, tiers=(ALWAYS,))
    app = create_app(
        settings.model_copy(update={"policies": replace(policies, cancellation=strict)})
    )
    transport = RefuseUndocumented(httpx.ASGITransport(app), app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://sendalong.test") as http,
    ):

        async def person(*roles: str, payout_account: str | None = None) -> Person:
            person_id = await make_person(*roles, payout_account=payout_account)
            return Person(http, person_id, await create_token(engine, person_id))

        yield Story(person)


async def test_a_cancellation_costs_what_the_quote_said(dear: Story) -> None:
    cast = await dear.paid()
    quote = done(await cast.customer.get(f"{cast.path}/cancellation-quote"))
    now = quote["now"]
    assert (quote["role"], now["because"], quote["later"]) == ("customer", "late", [])
    parts = [now[part]["amount_minor"] for part in ("refund", "compensation", "fee")]
    assert parts == [3_150, 840, 210]
    cheap = await cast.customer.post(f"{cast.path}/cancel", {"cost_minor_max": 1_049})
    assert cheap.json()["code"] == "cancellation_costs_more"
    done(await cast.customer.post(f"{cast.path}/cancel", {"cost_minor_max": 1_050}))
    await cast.until("cancelled")
    ledger = done(await cast.traveler.get(f"{cast.path}/ledger"))
    (compensation,) = [each for each in ledger["transactions"] if each["kind"] == "compensation"]
    shown = {each["account"].split(":")[0]: each["amount"] for each in compensation["entries"]}
    assert shown["traveler_payable"]["amount_minor"] == 840


async def test_a_hold_stops_the_clock_and_the_quote_with_it(dear: Story) -> None:
    cast = await dear.paid()
    operator = await dear.person("operator")
    before = done(await cast.customer.get(f"{cast.path}/cancellation-quote"))
    done(await operator.post(f"{cast.path}/hold", {"reason": "The customer reports fraud."}))
    on_hold = done(await cast.customer.get(f"{cast.path}/cancellation-quote"))
    assert on_hold["now"] | {"at": ""} == before["now"] | {"at": ""}
    assert on_hold["later"] == []


async def test_an_agent_says_why_the_customer_need_not_pay(dear: Story) -> None:
    cast = await dear.paid()
    quote = done(await cast.agent.get(f"{cast.path}/cancellation-quote"))
    assert quote["now"]["because"] == "not_the_customer"
    silent = await cast.agent.post(f"{cast.path}/cancel")
    assert (silent.status_code, silent.json()["code"]) == (422, "reason_missing")
    done(await cast.agent.post(f"{cast.path}/cancel", {"reason": "A flood closed the roads."}))
    await cast.until("cancelled")
    timeline = done(await cast.customer.get(f"{cast.path}/timeline"))
    (started,) = [event for event in timeline["items"] if event["kind"] == "refund_started"]
    assert started["facts"]["waived"] == "EUR 10.50"


async def test_the_quote_of_a_new_delivery_names_every_later_step(story: Story) -> None:
    cast = await story.offered()
    quote = done(await cast.customer.get(f"{cast.path}/cancellation-quote"))
    assert (quote["now"]["because"], quote["now"]["refund"]) == ("nothing_held", None)
    cast = await story.paid()
    quote = done(await cast.customer.get(f"{cast.path}/cancellation-quote"))
    assert quote["now"]["because"] == "grace"
    kept = [cost["compensation"]["amount_minor"] for cost in quote["later"]]
    assert kept == [420, 840, 2_100]
    moments = [datetime.fromisoformat(cost["at"]) for cost in quote["later"]]
    assert moments == sorted(moments)


async def test_only_who_may_cancel_is_quoted_and_only_while_it_is_possible(story: Story) -> None:
    cast = await story.paid()
    recipient = await cast.recipient.get(f"{cast.path}/cancellation-quote")
    assert recipient.json()["code"] == "not_your_role"
    stranger = await (await story.traveler()).get(f"{cast.path}/cancellation-quote")
    assert stranger.status_code == 404
    traveler = done(await cast.traveler.get(f"{cast.path}/cancellation-quote"))
    assert traveler["now"]["because"] == "not_the_customer"
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))
    done(await cast.traveler.post(f"{cast.path}/pickup", {"code": code["code"]}))
    late = await cast.customer.get(f"{cast.path}/cancellation-quote")
    assert late.json()["code"] == "cancel_too_late"


async def test_a_traveler_gives_a_delivery_back_and_staff_read_of_it(story: Story) -> None:
    cast = await story.paid()
    assert (await cast.customer.post(f"{cast.path}/withdraw")).json()["code"] == "not_your_role"
    done(await cast.traveler.post(f"{cast.path}/withdraw"))
    again = await cast.until("requested")
    assert (again["traveler_id"], again["held_payment"]["status"]) == (None, "none")
    record = f"/v1/people/{cast.traveler.person_id}/record"
    known = done(await cast.agent.get(record))
    (strike,) = known["strikes"]
    assert (strike["delivery_id"], strike["reason"]) == (cast.delivery_id, "withdrew")
    assert known["strikes_total"] == 1
    assert (await cast.traveler.get(record)).json()["code"] == "not_your_role"
    nobody = f"/v1/people/{cast.delivery_id}/record"
    assert (await cast.agent.get(nobody)).status_code == 404
    timeline = done(await cast.customer.get(f"{cast.path}/timeline"))["items"]
    assert all("strike" not in event["facts"] for event in timeline)


async def test_a_customer_who_wants_nobody_else_is_asked_nothing(story: Story) -> None:
    cast = await story.paid(reopens=False)
    done(await cast.traveler.post(f"{cast.path}/withdraw"))
    await cast.until("cancelled")
