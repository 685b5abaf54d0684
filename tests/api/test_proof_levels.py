"""How much proof a delivery needs: chosen when it is opened, and moved with what it is worth."""

from __future__ import annotations

import pytest

from tests.api.client import code_of
from tests.api.story import NEW_DELIVERY, Story, done

WHY = "It was weighed and looked at."


@pytest.mark.parametrize(
    ("value_minor", "asked", "level"),
    [
        (99_999, None, "standard"),
        (100_000, None, "high"),
        (100, "high", "high"),
        (100_000, "standard", "high"),
    ],
)
async def test_a_level_is_asked_for_and_never_below_what_the_value_needs(
    story: Story, value_minor: int, asked: str | None, level: str
) -> None:
    customer = await story.person("customer")
    body = {**NEW_DELIVERY, "declared_value_minor": value_minor}
    opened = done(
        await customer.post(
            "/v1/deliveries", body if asked is None else {**body, "proof_level": asked}
        )
    )
    seen = done(await customer.get(f"/v1/deliveries/{opened['delivery_id']}"))
    assert opened["proof_level"] == seen["proof_level"] == level


@pytest.mark.parametrize("more", [{"proof_level": "maximum"}, {"declared_value_minor": 500_000}])
async def test_the_maximum_is_for_recipients_with_an_account(
    story: Story, more: dict[str, object]
) -> None:
    customer, recipient = await story.person("customer"), await story.person("customer")
    body = {**NEW_DELIVERY, **more}
    body["recipient"] = {"name": "Mara", "phone": "+4915112345678"}
    refused = await customer.post("/v1/deliveries", body)
    assert (refused.status_code, code_of(refused)) == (422, "fields_invalid")
    assert refused.json()["errors"][0]["at"] == "body/recipient/person_id"
    body["recipient"] = {"name": "Mara", "person_id": recipient.person_id}
    assert done(await customer.post("/v1/deliveries", body))["proof_level"] == "maximum"


async def test_a_corrected_value_moves_the_level_and_never_below_that_of_the_opening(
    story: Story,
) -> None:
    cast = await story.paid()
    assert done(await cast.customer.get(cast.path))["proof_level"] == "standard"
    for value_minor, level in ((600_000, "maximum"), (150_000, "high"), (90_000, "standard")):
        body = {"declared_value_minor": value_minor, "reason": WHY}
        done(await cast.agent.post(f"{cast.path}/amendments", body))
        assert done(await cast.customer.get(cast.path))["proof_level"] == level


async def test_what_needs_an_account_is_refused_to_a_recipient_without_one(story: Story) -> None:
    cast = await story.paid()
    nameless = {"name": "Nora", "phone": "+4915112345679"}
    body = {"declared_value_minor": 600_000, "reason": WHY}
    done(await cast.agent.post(f"{cast.path}/amendments", body))
    refused = await cast.agent.post(
        f"{cast.path}/amendments", {"recipient": nameless, "reason": WHY}
    )
    assert (refused.status_code, code_of(refused)) == (422, "amendment_invalid")
    lowered = {"declared_value_minor": 90_000, "reason": WHY}
    done(await cast.agent.post(f"{cast.path}/amendments", lowered))
    done(await cast.agent.post(f"{cast.path}/amendments", {"recipient": nameless, "reason": WHY}))
    again = await cast.agent.post(f"{cast.path}/amendments", body)
    assert (again.status_code, code_of(again)) == (422, "amendment_invalid")
