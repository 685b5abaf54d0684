"""Staff correct a delivery over REST; its people see the correction and not who is behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from infra.identifiers import new_id
from tests.api.client import code_of
from tests.api.story import Story, done

WHY = "The customer has told us."
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
    body = {"recipient": who, "reason": WHY}
    done(await cast.agent.post(f"{cast.path}/amendments", body))
    assert (await cast.recipient.get(cast.path)).status_code == 404
    code = done(await newcomer.get(f"{cast.path}/codes/handover"))
    done(await cast.traveler.post(f"{cast.path}/handover", {"code": code["pin"]}))


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
