"""Risk at the deal: who looks like both sides is put before staff, who surely is is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import FastAPI
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.risk.reasons import WORDS, RiskReason
from domain.risk.rules import RuleModel
from infra.database.schema import parcel, person, risk_decision
from infra.risk.desk import RiskDesk
from tests.api.client import Person, code_of
from tests.api.story import NEW_DELIVERY, Cast, Story, done

CARD = "pm_sandbox_ok_card_blue"


async def decisions(cast: Cast) -> list[dict[str, Any]]:
    found = done(await cast.agent.get(f"{cast.path}/risk-decisions"))
    assert found["delivery_id"] == cast.delivery_id
    kept: list[dict[str, Any]] = found["decisions"]
    return kept


async def items(cast: Cast) -> list[dict[str, Any]]:
    path = "/v1/attention"
    found: list[dict[str, Any]] = done(
        await cast.agent.get(path, delivery_id=cast.delivery_id, kind="risk_found")
    )["items"]
    return found


async def offered_by(cast: Cast, traveler: Person) -> None:
    offer = done(await traveler.post(f"{cast.path}/offers", {"price_minor": 4200}))
    cast.offer_id = offer["offer_id"]


async def share_phone(engine: AsyncEngine, cast: Cast, phone: str) -> None:
    """Give customer and traveler the same phone number."""
    both = (cast.customer.person_id, cast.traveler.person_id)
    async with engine.begin() as connection:
        shared = update(person).where(person.c.person_id.in_(both)).values(phone_lookup=phone)
        await connection.execute(shared)


async def accept(cast: Cast, method: str = "pm_sandbox_ok", key: str | None = None) -> Any:
    path = f"{cast.path}/offers/{cast.offer_id}/accept"
    body = {"payment_method": method, "price_minor": 4200}
    return await cast.customer.post(path, body, key=key)


async def test_a_deal_between_strangers_is_scored_and_goes_on(story: Story) -> None:
    cast = await story.offered()
    done(await accept(cast))
    (decision,) = await decisions(cast)
    assert (decision["occasion"], decision["outcome"]) == ("deal", "allow")
    assert decision["reasons"] == [
        {"code": "account_new", "points": 10, "words": WORDS[RiskReason.ACCOUNT_NEW]}
    ]
    assert (decision["score"], decision["model"]) == (10, "rules-1")
    assert await items(cast) == []


async def test_one_contact_on_both_sides_is_put_before_staff_and_goes_on(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.offered()
    await share_phone(engine, cast, "phone-of-a-family")
    done(await accept(cast))
    (decision,) = await decisions(cast)
    assert (decision["score"], decision["outcome"]) == (60, "hold")
    (item,) = await items(cast)
    assert "same e-mail address or phone. (50)" in item["problem"]
    await cast.until("awaiting_pickup")


async def test_a_shared_contact_and_a_shared_card_are_refused(
    story: Story, engine: AsyncEngine
) -> None:
    both = await story.person("traveler", "customer", payout_account="acct_sandbox_ok")
    own = await story.requested()
    own.delivery_id = done(await both.post("/v1/deliveries", NEW_DELIVERY))["delivery_id"]
    own.customer = both
    await offered_by(own, own.traveler)
    done(await accept(own, CARD))
    await own.until("awaiting_pickup")
    cast = await story.requested()
    cast.traveler = both
    await offered_by(cast, both)
    await share_phone(engine, cast, "phone-of-one-person")
    for _ in range(2):
        answer = await accept(cast, CARD, key=f"twice-{cast.delivery_id}")
        assert code_of(answer) == "risk_refused"
        assert "card" not in answer.text
    (decision,) = await decisions(cast)
    codes = [reason["code"] for reason in decision["reasons"]]
    assert codes == ["shared_card", "shared_contact", "shared_address", "account_new"]
    (item,) = await items(cast)
    assert item["problem"].endswith("Outcome: refuse.")
    assert done(await cast.customer.get(cast.path))["status"] == "requested"


async def test_an_order_of_old_is_neither_scored_nor_read_about(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.offered()
    await share_phone(engine, cast, "phone-of-old")
    async with engine.begin() as connection:
        place = parcel.c.delivery_id == cast.delivery_id
        kept = (await connection.execute(select(parcel.c.policies).where(place))).scalar_one()
        old = {name: value for name, value in kept.items() if name != "risk"}
        await connection.execute(update(parcel).where(place).values(policies=old))
    done(await accept(cast))
    assert await decisions(cast) == []


async def test_only_staff_read_why(story: Story) -> None:
    cast = await story.offered()
    for who in (cast.customer, cast.traveler):
        answer = await who.get(f"{cast.path}/risk-decisions")
        assert code_of(answer) == "not_your_role"


async def test_a_deal_whose_signals_cannot_be_read_is_not_made(
    story: Story, app: FastAPI, engine: AsyncEngine
) -> None:
    cast = await story.offered()
    services = app.state.services
    impatient = RiskDesk(services.engine, RuleModel(), wait_s_max=0.05)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("LOCK TABLE strike IN ACCESS EXCLUSIVE MODE")
        app.state.services = replace(services, risk=impatient)
        try:
            answer = await accept(cast, key=f"locked-{cast.delivery_id}")
        finally:
            app.state.services = services
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")
    done(await accept(cast, key=f"locked-{cast.delivery_id}"))
    async with engine.connect() as connection:
        of = risk_decision.c.delivery_id == cast.delivery_id
        assert len((await connection.execute(select(risk_decision).where(of))).all()) == 1
