"""Everybody takes a copy of what is kept about them, and of nothing that is somebody else's."""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from api.models.identity.exports import ExportView
from domain.exporting import ExportPolicy
from infra.database.tokens import create_token
from infra.exporting.sections import SECTIONS
from tests.api.client import Person, code_of
from tests.api.identity.people import Newcomers
from tests.conftest import MakePerson
from tests.infra.database.story import Story
from tests.infra.erasing.planting import Planted
from tests.infra.erasing.test_erasures import a_life, settle

PATH = "/v1/me/exports"


async def person_of(newcomers: Newcomers, engine: AsyncEngine, person_id: str) -> Person:
    return Person(newcomers.web, person_id, await create_token(engine, person_id))  # type: ignore[arg-type]


async def document(person: Person) -> dict[str, Any]:
    answer = await person.post(PATH)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    read: dict[str, Any] = answer.json()
    assert list(read) == ["format", "person_id", "made_at", *SECTIONS]
    return read


async def lived(engine: AsyncEngine) -> tuple[Planted, Story, str]:
    planted = Planted()
    customer, story = await a_life(engine, planted)
    await settle(story)
    return planted, story, customer


async def test_a_person_reads_all_that_they_gave(newcomers: Newcomers, engine: AsyncEngine) -> None:
    planted, story, customer = await lived(engine)
    found = await document(await person_of(newcomers, engine, customer))
    (profile,), (delivery,) = found["profile"], found["deliveries"]
    assert (profile["email"], profile["phone"]) == (planted.email, planted.phone)
    assert delivery["delivery_id"] == story.delivery_id
    assert planted.mark in delivery["pickup_address"]
    assert planted.mark in delivery["destination_address"]
    for section in ("addresses", "sessions", "messages_of_yours", "evidence_of_yours"):
        assert planted.mark in str(found[section]), section
    assert planted.email in {message["address"] for message in found["messages_to_you"]}
    assert [entry["kind"] for entry in found["audit"]] == ["exported"]


async def test_the_other_side_reads_what_is_theirs_and_no_more(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    planted, story, customer = await lived(engine)
    found = await document(await person_of(newcomers, engine, story.traveler_id))
    (delivery,) = found["deliveries"]
    assert (delivery["your_roles"], delivery["price_minor"]) == (["traveler"], 4_200)
    assert [line["booking"] for line in found["ledger"]] == ["release", "payout"]
    for private in (planted.mark, planted.digits, customer):
        assert private not in str(found)


async def test_a_stranger_reads_of_nobody(
    newcomers: Newcomers, engine: AsyncEngine, make_person: MakePerson
) -> None:
    await lived(engine)
    stranger = await person_of(newcomers, engine, await make_person("customer"))
    found = await document(stranger)
    full = {name for name in SECTIONS if found[name]}
    assert full == {"profile", "audit"}
    assert code_of(await Person(stranger.http, "", "x" * 40).post(PATH)) == "unauthenticated"


async def test_copies_are_bounded_and_written_down(
    newcomers: Newcomers, engine: AsyncEngine, make_person: MakePerson
) -> None:
    person = await person_of(newcomers, engine, await make_person("customer"))
    for number in range(ExportPolicy().times_max):
        assert (await person.post(PATH, key=f"copy-{number}")).status_code == 200
    again = await person.post(PATH, key="copy-0")
    assert len(again.json()["audit"]) == ExportPolicy().times_max
    refused = await person.post(PATH, key="one-more")
    assert (refused.status_code, code_of(refused)) == (429, "too_many_tries")
    assert int(refused.headers["retry-after"]) > 0


def test_every_section_is_described() -> None:
    assert {*ExportView.model_fields} == {"format", "person_id", "made_at", *SECTIONS}
