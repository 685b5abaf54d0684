"""Both sides of a whole story are erased, one after the other: nowhere is anything of them left."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from domain.auditing.findings import Judgement
from domain.contracts import CodePurpose
from domain.erasing.rules import ERASED_TEXT, FORMER_MEMBER
from domain.handover.codes import derive_code
from domain.ids import (
    DeliveryId,
    correction_workflow_id,
    delivery_workflow_id,
)
from infra.cli import main
from infra.database.invariants import check_invariants
from infra.database.schema import correction, handover_code
from infra.database.tokens import create_token
from infra.encryption.parcels import ERASED
from infra.settings import Settings
from tests.api.client import Person
from tests.api.conftest import HANDOVER_KEY
from tests.api.decoded_histories import GONE, everything_readable
from tests.api.story import NEW_DELIVERY, Cast, done
from tests.conftest import MakePerson
from tests.infra.erasing.planting import Planted
from tests.workflows.erasing import erased_after_a_week

PLACE = {"latitude": 48.1, "longitude": 11.5}


@dataclass
class Told:
    """A story in which everybody writes about everybody, and what is to be looked for afterwards."""

    cast: Cast
    customer: Planted
    traveler: Planted
    recipient: Planted
    workflow_ids: tuple[str, ...] = ()
    sent: tuple[str, dict[str, Any]] = ("", {})
    """What an agent has sent, under the id of the delivery."""

    @property
    def everybody(self) -> str:
        """A sentence of staff that names all of them."""
        return " and ".join(each.name for each in (self.customer, self.traveler, self.recipient))


@pytest.fixture
async def told(
    http: Any, engine: AsyncEngine, make_person: MakePerson, temporal: WorkflowEnvironment
) -> Told:
    planted = Planted(), Planted(), Planted()

    async def person(*roles: str, **details: Any) -> Person:
        person_id = await make_person(*roles, **details)
        return Person(http, person_id, await create_token(engine, person_id))

    customer, traveler, recipient = [
        await person(
            role, display_name=who.name, email=who.email, phone=who.phone, payout_account=account
        )
        for role, who, account in zip(
            ("customer", "traveler", "customer"),
            planted,
            (None, "acct_sandbox_ok", None),
            strict=True,
        )
    ]
    cast = Cast("", customer, traveler, recipient, await person("agent", "operator"))
    story = Told(cast, *planted)
    await ask(story)
    await carry(story, engine)
    await quarrel(story)
    story.workflow_ids = await finish(story, engine, temporal)
    return story


async def ask(story: Told) -> None:
    """Ask for a parcel to be carried to somebody who is named by a contact."""
    cast, mine = story.cast, story.customer
    body = {
        **NEW_DELIVERY,
        "description": mine.words("A box of"),
        "pickup": {"address": mine.words("Calle 1"), **PLACE},
        "destination": {"address": story.recipient.words("Calle 2"), **PLACE},
        "recipient": {"name": story.recipient.name, "email": story.recipient.email},
    }
    cast.delivery_id = done(await cast.customer.post("/v1/deliveries", body))["delivery_id"]
    offer = done(await cast.traveler.post(f"{cast.path}/offers", {"price_minor": 4200}))
    accepted = {"payment_method": "pm_sandbox_ok", "price_minor": 4200}
    done(await cast.customer.post(f"{cast.path}/offers/{offer['offer_id']}/accept", accepted))
    await cast.until("awaiting_pickup")
    moved = {"address": mine.words("Calle 3"), **PLACE}
    amended = {"pickup": moved, "reason": f"Called: {story.everybody}"}
    done(await cast.agent.post(f"{cast.path}/amendments", amended))


async def carry(story: Told, engine: AsyncEngine) -> None:
    """Pick the parcel up, have staff freeze it for a moment, and hand it over."""
    cast = story.cast
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))
    done(await cast.traveler.post(f"{cast.path}/pickup", {"code": code["code"]}))
    done(await cast.agent.post(f"{cast.path}/hold", {"reason": f"Ask {story.everybody}"}))
    done(await cast.agent.post(f"{cast.path}/resume", {"reason": f"Asked {story.everybody}"}))
    purpose = CodePurpose.HANDOVER
    query = select(handover_code.c.nonce).where(
        handover_code.c.delivery_id == cast.delivery_id, handover_code.c.purpose == purpose
    )
    async with engine.connect() as connection:
        nonce = bytes((await connection.execute(query)).scalar_one())
    shown = derive_code(HANDOVER_KEY, DeliveryId(cast.delivery_id), purpose, nonce)
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": shown.pin}))


async def quarrel(story: Told) -> None:
    """Dispute, with the words of both sides and of the agent."""
    cast = story.cast
    opened = done(await cast.customer.post(f"{cast.path}/dispute", {"reason": "damaged"}))
    cast.dispute_id = opened["dispute_id"]
    for person, words in (
        (cast.customer, story.customer.words("I am")),
        (cast.traveler, story.traveler.words("And I am")),
        (cast.agent, f"Welcome, {story.everybody}"),
    ):
        done(await person.post(f"{cast.dispute_path}/messages", {"text": words}))
    proof = {"kind": "photo", "description": story.customer.words("My hall:")}
    done(await cast.customer.post(f"{cast.dispute_path}/evidence", proof))
    verdict = {"outcome": "split", "refund_minor": 900, "note": f"Heard: {story.everybody}"}
    done(await cast.agent.post(f"{cast.dispute_path}/verdict", verdict))


async def finish(
    story: Told, engine: AsyncEngine, temporal: WorkflowEnvironment
) -> tuple[str, ...]:
    """Close it, correct it, review it, and return every workflow that had to do with it."""
    cast = story.cast
    await cast.until("settled")
    goodwill = {"kind": "goodwill_refund", "amount_minor": 300, "bearer": "platform"}
    body = {**goodwill, "note": f"Sorry, {story.everybody}"}
    story.sent = f"{cast.path}/corrections", body
    ordered = done(await cast.agent.post(*story.sent, key=cast.delivery_id))
    for person, words in ((cast.customer, story.traveler), (cast.traveler, story.customer)):
        review = {"rating": 3, "text": f"It was {words.name}."}
        done(await person.post(f"{cast.path}/reviews", review))
    ids = (
        delivery_workflow_id(DeliveryId(cast.delivery_id)),
        f"dispute:{cast.dispute_id}",
        correction_workflow_id(ordered["correction_id"]),
    )
    for each in ids:
        await temporal.client.get_workflow_handle(each).result()
    query = select(correction.c.status).where(
        correction.c.correction_id == ordered["correction_id"]
    )
    async with engine.connect() as connection:
        assert await connection.scalar(query) == "done"
    return ids


async def erase(temporal: WorkflowEnvironment, person: Person) -> None:
    """Ask for it, let the week pass, and wait until it is done."""
    done(await person.post("/v1/me/erasure"))
    assert await erased_after_a_week(temporal, person.person_id) == "erased"


async def test_nothing_is_left_of_either_side(
    told: Told,
    engine: AsyncEngine,
    temporal: WorkflowEnvironment,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cast = told.cast

    async def scan() -> dict[str, str]:
        return await everything_readable(temporal, engine, told.workflow_ids)

    before = "".join((await scan()).values())
    assert all(who.mark in before for who in (told.customer, told.traveler, told.recipient))

    await erase(temporal, cast.customer)
    assert await told.customer.found_in(engine) == set()
    await assert_unreadable(told.customer, await scan())
    left = done(await cast.traveler.get(cast.path))
    assert told.customer.mark not in str(left)
    assert left["price"]["amount_minor"] == 4200, "the other side's own record stays"
    timeline = done(await cast.agent.get(f"{cast.path}/timeline", limit=100))["items"]
    verdict = next(each["facts"] for each in timeline if each["kind"] == "verdict_given")
    assert (verdict["refund_minor"], verdict["note"]) == ("900", ERASED)
    again = done(await cast.agent.post(*told.sent, key=cast.delivery_id))
    assert (again["status"], again["note"]) == ("moving", ERASED_TEXT), "an answer is kept"
    disputed = done(await cast.traveler.get(cast.dispute_path))
    assert told.traveler.mark in str(disputed), "their own words stay theirs"

    for person, who in ((cast.traveler, told.traveler), (cast.recipient, told.recipient)):
        await erase(temporal, person)
        assert await who.found_in(engine) == set()
        await assert_unreadable(who, await scan())
    await assert_books_and_chains(cast, engine, settings, monkeypatch)


async def assert_unreadable(who: Planted, histories: dict[str, str]) -> None:
    for said in histories.values():
        assert GONE in said
        for private in (who.mark, who.digits):
            assert private not in said


async def assert_books_and_chains(
    cast: Cast, engine: AsyncEngine, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not (await check_invariants(engine, DeliveryId(cast.delivery_id))).violations
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    words = ["audit", "verify", "--delivery", cast.delivery_id]
    assert await asyncio.to_thread(main, words) == Judgement.CLEAN
    seen = done(await cast.agent.get(cast.path))
    assert seen["recipient"]["name"] == FORMER_MEMBER
