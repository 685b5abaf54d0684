"""Staff correct a delivery over REST; its people see the correction and not who is behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from secrets import randbelow
from typing import Any

import pytest
from sqlalchemy import func, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.overriding.policy import OverridePolicy
from infra.database.schema import amendment, person
from infra.encryption.recipients import recipient_lookups
from infra.identifiers import new_id
from tests.api.amended import WHY, amended_by_two, prepared
from tests.api.client import code_of
from tests.api.story import Story, done
from tests.keys import ENCRYPTION

ELSEWHERE = {"address": "Sendlinger Str. 18, 80331 Munich", "latitude": 48.1, "longitude": 11.5}


async def test_staff_correct_an_address_and_its_people_read_it(story: Story) -> None:
    cast = await story.paid()
    body = {"destination": ELSEWHERE, "reason": WHY}
    answer = done(await cast.agent.post(f"{cast.path}/amendments", body))
    assert answer["is_applied"] is True
    seen = done(await cast.traveler.get(cast.path))["destination"]
    assert seen == {**ELSEWHERE, "is_exact": True}
    items = done(await cast.customer.get(f"{cast.path}/timeline", limit=100))["items"]
    assert items[-1]["kind"] == "address_corrected"
    assert "reason" not in items[-1]["facts"]


async def test_another_recipient_sees_the_delivery_and_the_one_before_does_not(
    story: Story,
) -> None:
    cast = await story.picked_up()
    newcomer = await story.person("customer")
    who = {"name": "Nora", "person_id": newcomer.person_id}
    await amended_by_two(cast, await story.person("operator"), {"recipient": who})
    assert (await cast.recipient.get(cast.path)).status_code == 404
    code = done(await newcomer.get(f"{cast.path}/codes/handover"))
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": code["pin"]}))


@pytest.mark.parametrize(
    "body", [{"destination": ELSEWHERE}, {"recipient": {"name": "Nora", "phone": "+4915112345679"}}]
)
async def test_nobody_of_the_staff_alone_changes_who_gets_a_parcel_that_is_under_way(
    story: Story, body: dict[str, Any]
) -> None:
    cast = await story.picked_up()
    path, second = f"{cast.path}/amendments", await story.person("agent")
    at_once = await cast.agent.post(path, {**body, "reason": WHY})
    assert (at_once.status_code, code_of(at_once)) == (409, "second_person_needed")
    taken = await prepared(cast, body)
    alone = await cast.agent.post(path, taken)
    assert (alone.status_code, code_of(alone)) == (409, "second_person_needed")
    (waits,) = done(await second.get(path))["amendments"]
    said = waits["place"] or waits["recipient"]
    asked = body.get("destination") or body["recipient"]
    assert {name: said[name] for name in asked} == asked
    assert (waits["prepared_by"], waits["approved_by"]) == (cast.agent.person_id, None)
    assert done(await second.post(path, taken))["is_applied"] is True
    (done_by_two,) = done(await second.get(path))["amendments"]
    assert done_by_two["approved_by"] == second.person_id
    assert done_by_two["applied_at"] is not None
    again = await second.post(path, taken)
    assert (again.status_code, code_of(again)) == (404, "amendment_unknown")


async def test_two_accounts_of_one_person_are_not_two_people(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.picked_up()
    second = await story.person("agent")
    taken = await prepared(cast, {"destination": ELSEWHERE})
    phone = f"phone-{cast.delivery_id}"
    both = person.c.person_id.in_((cast.agent.person_id, second.person_id))
    async with engine.begin() as connection:
        await connection.execute(update(person).where(both).values(phone_lookup=phone))
    answer = await second.post(f"{cast.path}/amendments", taken)
    assert (answer.status_code, code_of(answer)) == (409, "second_person_needed")
    assert (
        done(await cast.customer.get(cast.path))["destination"]["address"] != ELSEWHERE["address"]
    )


async def test_before_the_pickup_one_of_the_staff_takes_over_what_they_prepared(
    story: Story,
) -> None:
    cast = await story.paid()
    taken = await prepared(cast, {"pickup": ELSEWHERE})
    done(await cast.agent.post(f"{cast.path}/amendments", taken))
    assert done(await cast.traveler.get(cast.path))["pickup"]["address"] == ELSEWHERE["address"]
    for person_of in (cast.customer, cast.traveler):
        assert code_of(await person_of.get(f"{cast.path}/amendments")) == "not_your_role"


async def test_a_deadline_is_moved_and_a_row_is_prepared_for_the_web_ui(story: Story) -> None:
    cast = await story.paid()
    due_at = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%dT%H:%M:%S}.000Z"
    body = {"due_at": due_at, "reason": WHY}
    moved = done(await cast.agent.post(f"{cast.path}/amendments", body))
    assert (moved["deadline"]["kind"], moved["deadline"]["due_at"]) == ("pickup", due_at)
    kept = {"pickup": ELSEWHERE, "reason": WHY, "only_prepare": True}
    prepared = done(await cast.agent.post(f"{cast.path}/amendments", kept))
    assert (prepared["is_applied"], bool(prepared["amendment_id"])) == (False, True)
    seen = done(await cast.customer.get(cast.path))
    assert seen["pickup"]["address"] != ELSEWHERE["address"]


@pytest.mark.parametrize(
    ("who", "body", "status", "code"),
    [
        ("customer", {"weight_grams": 1000}, 403, "not_your_role"),
        ("agent", {}, 422, "fields_invalid"),
        ("agent", {"weight_grams": 1000, "due_at": "2030-01-01T00:00:00Z"}, 422, "fields_invalid"),
        ("agent", {"due_at": "2020-01-01T00:00:00Z"}, 422, "amendment_invalid"),
        ("agent", {"recipient": {"name": "A", "person_id": new_id()}}, 422, "person_unknown"),
    ],
)
async def test_what_is_corrected_is_checked(
    story: Story, who: str, body: dict[str, object], status: int, code: str
) -> None:
    cast = await story.paid()
    person = getattr(cast, who)
    answer = await person.post(f"{cast.path}/amendments", {"reason": WHY, **body})
    assert (answer.status_code, code_of(answer)) == (status, code)


@pytest.mark.parametrize("is_second", [False, True])
@pytest.mark.parametrize("by", ["account", "other_account", "phone"])
async def test_nobody_of_the_staff_has_a_parcel_given_to_themselves(
    story: Story, engine: AsyncEngine, by: str, is_second: bool
) -> None:
    cast, second = await story.picked_up(), await story.person("agent")
    other = await story.person("customer")
    staff = second if is_second else cast.agent
    phone = f"+49151{randbelow(10**8):08}"
    lookup = recipient_lookups(ENCRYPTION, {"recipient_phone": phone})["recipient_phone_lookup"]
    both = person.c.person_id.in_((staff.person_id, other.person_id))
    async with engine.begin() as connection:
        await connection.execute(update(person).where(both).values(phone_lookup=lookup))
    named = {
        "account": {"person_id": staff.person_id},
        "other_account": {"person_id": other.person_id},
        "phone": {"phone": phone},
    }[by]
    taken = await prepared(cast, {"recipient": {"name": "Nora", **named}})
    answer = await second.post(f"{cast.path}/amendments", taken)
    assert (answer.status_code, code_of(answer)) == (409, "second_person_needed")
    (waits,) = done(await second.get(f"{cast.path}/amendments"))["amendments"]
    assert (waits["approved_by"], waits["applied_at"]) == (None, None)


async def test_what_somebody_agreed_to_carries_nobody_s_repeat_for_long(
    story: Story, engine: AsyncEngine
) -> None:
    cast, second = await story.picked_up(), await story.person("agent")
    path, taken = f"{cast.path}/amendments", await prepared(cast, {"destination": ELSEWHERE})
    # The second person has agreed, and the delivery has refused the change.
    left = {
        "approved_by": second.person_id,
        "approved_at": func.now() - timedelta(seconds=OverridePolicy().approval_fresh_s),
    }
    own = amendment.c.amendment_id == taken["amendment_id"]
    async with engine.begin() as connection:
        await connection.execute(update(amendment).where(own).values(left))
    alone = await cast.agent.post(path, taken)
    assert (alone.status_code, code_of(alone)) == (409, "second_person_needed")
    assert done(await second.post(path, taken))["is_applied"] is True
