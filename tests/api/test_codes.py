"""Handover codes: shown to the side that shows them, in every form, once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from domain.contracts import CodePurpose
from domain.handover.codes import derive_code
from domain.ids import DeliveryId, delivery_workflow_id
from infra.database.schema import handover_code
from tests.api.client import code_of
from tests.api.story import Cast, Story, done
from tests.leveled import at_level

PNG_START = b"\x89PNG\r\n\x1a\n"


async def expire(engine: AsyncEngine, cast: Cast) -> None:
    late = (
        update(handover_code)
        .where(handover_code.c.delivery_id == cast.delivery_id)
        .values(valid_until=datetime.now(UTC) - timedelta(seconds=1))
    )
    async with engine.begin() as connection:
        await connection.execute(late)


async def test_a_code_comes_as_json_png_and_svg(story: Story) -> None:
    cast = await story.paid()
    path = f"{cast.path}/codes/pickup"
    as_json = await cast.customer.get(path)
    body = done(as_json)
    assert re.fullmatch(r"SA1P[A-Z2-7]+", body["code"])
    assert re.fullmatch(r"[0-9]{6}", body["pin"])
    assert body["link"].startswith("https://sendalong.test/v1/links/P")
    png = await cast.customer.get(path, accept="image/png")
    assert png.headers["content-type"] == "image/png"
    assert png.content.startswith(PNG_START)
    svg = await cast.customer.get(path, accept="image/svg+xml")
    assert svg.headers["content-type"].startswith("image/svg+xml")
    assert svg.text.startswith("<svg")
    for answer in (as_json, png, svg):
        assert answer.headers["cache-control"] == "no-store"
        assert "Accept" in answer.headers["vary"].split(", ")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("image/*", "image/png"),
        ("image/svg+xml;q=0.9, image/png;q=0.1", "image/svg+xml"),
        ("text/html, */*;q=0.1", "application/json"),
        ("application/json;q=0, */*", "image/png"),
        ("garbage,,;;q=x, image/png", "image/png"),
    ],
)
async def test_the_client_chooses_the_form(story: Story, accept: str, media_type: str) -> None:
    cast = await story.paid()
    answer = await cast.customer.get(f"{cast.path}/codes/pickup", accept=accept)
    assert answer.headers["content-type"].split(";")[0] == media_type


async def test_a_form_that_is_not_there_is_refused(story: Story) -> None:
    cast = await story.paid()
    answer = await cast.customer.get(f"{cast.path}/codes/pickup", accept="text/csv")
    assert (answer.status_code, code_of(answer)) == (406, "not_acceptable")


async def test_only_the_side_that_shows_a_code_sees_it(story: Story) -> None:
    cast = await story.picked_up()
    done(await cast.recipient.get(f"{cast.path}/codes/handover"))
    for person in (cast.customer, cast.traveler, cast.agent):
        answer = await person.get(f"{cast.path}/codes/handover")
        assert (answer.status_code, code_of(answer)) == (403, "not_your_role")
    for person in (cast.recipient, cast.traveler, cast.agent):
        answer = await person.get(f"{cast.path}/codes/pickup")
        assert (answer.status_code, code_of(answer)) == (403, "not_your_role")


async def test_a_named_sender_shows_the_pickup_code(story: Story) -> None:
    sender = await story.person("customer")
    cast = await story.paid(sender_id=sender.person_id)
    assert code_of(await cast.customer.get(f"{cast.path}/codes/pickup")) == "not_your_role"
    done(await sender.get(f"{cast.path}/codes/pickup"))


async def test_a_code_is_not_there_before_its_step_and_gone_after_it(
    story: Story, engine: AsyncEngine
) -> None:
    early = await story.offered()
    answer = await early.customer.get(f"{early.path}/codes/pickup")
    assert (answer.status_code, code_of(answer)) == (404, "code_not_ready")
    assert answer.json()["current_status"] == "requested"
    used = await story.picked_up()
    answer = await used.customer.get(f"{used.path}/codes/pickup")
    assert (answer.status_code, code_of(answer)) == (409, "code_already_used")
    late = await story.paid()
    await expire(engine, late)
    answer = await late.customer.get(f"{late.path}/codes/pickup")
    assert (answer.status_code, code_of(answer)) == (410, "code_expired")


async def test_a_link_shows_the_code_without_an_account(story: Story) -> None:
    cast = await story.picked_up()
    own = done(await cast.recipient.get(f"{cast.path}/codes/handover"))
    http, link = cast.customer.http, own["link"]
    as_json = await http.get(link, headers={"Accept": "application/json"})
    assert as_json.json() == {
        "purpose": "handover",
        **{name: own[name] for name in ("code", "pin", "valid_until")},
    }
    page = await http.get(link, headers={"Accept": "text/html,*/*;q=0.8"})
    assert page.headers["content-type"].startswith("text/html")
    assert f"{own['pin'][:3]} {own['pin'][3:]}" in page.text
    assert "<svg" in page.text
    assert "<script" not in page.text
    png = await http.get(link, headers={"Accept": "image/png"})
    assert png.content.startswith(PNG_START)
    for answer in (as_json, page, png):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "noindex" in answer.headers["x-robots-tag"]


async def test_a_link_says_nothing_until_its_token_is_right(story: Story) -> None:
    cast = await story.picked_up()
    own = done(await cast.recipient.get(f"{cast.path}/codes/handover"))
    token = own["link"].rsplit("/", 1)[1]
    forged = token[:-8] + ("A" * 8 if not token.endswith("A" * 8) else "B" * 8)
    other_purpose = "P" + token[1:]
    unissued = await story.offered()
    never = derive_code(b"x" * 32, DeliveryId(unissued.delivery_id), CodePurpose.HANDOVER, b"nonce")
    bad = [forged, other_purpose, never.link_token, token.lower(), "H", "H" + "A" * 52, token + "A"]
    for text in bad:
        answer = await cast.customer.http.get(f"/v1/links/{text}")
        assert (answer.status_code, code_of(answer)) == (404, "not_found")
        assert "current_status" not in answer.json()


async def test_a_link_ends_with_its_code(story: Story, engine: AsyncEngine) -> None:
    cast = await story.picked_up()
    own = done(await cast.recipient.get(f"{cast.path}/codes/handover"))
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": own["code"]}))
    http = cast.customer.http
    assert code_of(await http.get(own["link"])) == "code_already_used"
    page = await http.get(own["link"], headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["content-type"][:9]) == (409, "text/html")
    assert "scanned already" in page.text
    late = await story.picked_up()
    link = done(await late.recipient.get(f"{late.path}/codes/handover"))["link"]
    await expire(engine, late)
    assert code_of(await http.get(link)) == "code_expired"


SCANS = {
    "a wrong PIN": ("000000", 422, "code_wrong"),
    "no code at all": ("hello", 422, "code_wrong"),
    "nothing but spaces": ("   ", 422, "code_wrong"),
    "digits of another script": ("١٢٣٤٥٦", 422, "code_wrong"),
}


@pytest.mark.parametrize("name", SCANS)
async def test_what_is_no_code_is_refused(story: Story, name: str) -> None:
    cast = await story.paid()
    text, status, code = SCANS[name]
    answer = await cast.traveler.post(f"{cast.path}/pickup", {"code": text})
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert answer.json()["current_status"] == "awaiting_pickup"


async def test_a_foreign_code_and_a_code_of_another_step_are_refused(story: Story) -> None:
    cast, other = await story.paid(), await story.paid()
    foreign = done(await other.customer.get(f"{other.path}/codes/pickup"))["code"]
    answer = await cast.traveler.post(f"{cast.path}/pickup", {"code": foreign})
    assert (answer.status_code, code_of(answer)) == (422, "code_foreign")
    own = done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]
    answer = await cast.traveler.post(f"{cast.path}/handover", {"code": own})
    assert code_of(answer) == "code_foreign"


async def test_a_wrong_code_never_reaches_the_workflow(
    story: Story, temporal: WorkflowEnvironment
) -> None:
    cast = await story.paid()
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]
    handle = temporal.client.get_workflow_handle(delivery_workflow_id(DeliveryId(cast.delivery_id)))
    before = await updates_of(handle)
    for ending in ("AAAA", "BBBB", "CCCC"):
        body = {"code": code[:-4] + ending}
        answer = await cast.traveler.post(f"{cast.path}/pickup", body, key=ending)
        assert (answer.status_code, code_of(answer)) == (422, "code_wrong")
        again = await cast.traveler.post(f"{cast.path}/pickup", body, key=ending)
        assert (again.status_code, again.json()) == (422, answer.json())
    stranger = await story.traveler()
    assert (await stranger.post(f"{cast.path}/pickup", {"code": code})).status_code == 404
    assert await updates_of(handle) == before
    done(await cast.traveler.post(f"{cast.path}/pickup", {"code": code}))


async def test_a_code_works_once_whatever_its_spacing(story: Story) -> None:
    cast = await story.paid()
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]
    spaced = f" {code[:10].lower()} {code[10:]}\n"
    assert (await cast.traveler.post(f"{cast.path}/pickup", {"code": spaced})).status_code == 200
    again = await cast.traveler.post(f"{cast.path}/pickup", {"code": code})
    assert (again.status_code, code_of(again)) == (409, "code_already_used")


async def test_five_wrong_pins_lock_the_pin_but_not_the_code(story: Story) -> None:
    cast = await story.paid()
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))
    wrong = "000000" if code["pin"] != "000000" else "000001"
    for _ in range(5):
        answer = await cast.traveler.post(f"{cast.path}/pickup", {"code": wrong})
        assert code_of(answer) in ("code_wrong", "code_locked")
    locked = await cast.traveler.post(f"{cast.path}/pickup", {"code": code["pin"]})
    assert (locked.status_code, code_of(locked)) == (423, "code_locked")


async def test_an_expired_code_is_refused(story: Story, engine: AsyncEngine) -> None:
    cast = await story.paid()
    code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))["code"]
    await expire(engine, cast)
    answer = await cast.traveler.post(f"{cast.path}/pickup", {"code": code})
    assert (answer.status_code, code_of(answer)) == (410, "code_expired")


async def updates_of(handle: WorkflowHandle[Any, Any]) -> int:
    """Return how many commands a workflow has heard of."""
    history = await handle.fetch_history()
    accepted = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
    return sum(event.event_type == accepted for event in history.events)


async def test_a_code_that_a_device_makes_is_not_shown_otherwise(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.paid()
    path = f"{cast.path}/codes/pickup"
    link = done(await cast.customer.get(path))["link"].removeprefix("https://sendalong.test")
    await at_level(engine, cast, "high")
    for accept in ("application/json", "image/png"):
        assert code_of(await cast.customer.get(path, accept=accept)) == "code_needs_device"
        by_link = await cast.customer.http.get(link, headers={"Accept": accept})
        assert code_of(by_link) == "code_needs_device"
    in_browser = await cast.customer.http.get(link, headers={"Accept": "text/html"})
    token = link.rpartition("/")[2]
    assert (in_browser.status_code, in_browser.headers["location"]) == (303, f"/show#{token}")
