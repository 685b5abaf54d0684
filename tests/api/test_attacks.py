"""What people try by hand: to set what is not theirs, to write what nobody sees, to page elsewhere, to ask twice."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.client import Person, changing_paths, code_of
from tests.api.story import NEW_DELIVERY, Story, done

NOBODY = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
NOT_THEIRS: dict[str, Any] = {
    "role": "operator",
    "roles": ["admin"],
    "your_roles": ["agent"],
    "status": "completed",
    "escrow": "released",
    "price": {"amount_minor": 1, "currency": "EUR"},
    "price_minor": 1,
    "suggested_price_minor": 1,
    "customer_id": NOBODY,
    "policies": {"fees": {"platform_points": 0}},
}
"""What a delivery or a person has and nobody sets by naming it."""
UNSEEN = {
    "a line break": "Mara\r\nBcc: eve@example.org",
    "a line feed": "Mara\nX-Evil: 1",
    "text that runs the other way": "Mara\u202egnp.exe",
    "an isolate that is not closed": "Mara\u2066",
    "nothing that is wide": "Ma\u200bra",
}


@pytest.mark.parametrize("name", NOT_THEIRS)
async def test_nobody_sets_what_is_not_theirs(story: Story, name: str) -> None:
    cast = await story.offered()
    mine = f"{cast.path}/offers/{cast.offer_id}"
    accepted = {"payment_method": "pm_sandbox_ok", "price_minor": 4200}
    value = {name: NOT_THEIRS[name]}
    tried = {
        "/v1/deliveries": NEW_DELIVERY | value,
        f"{cast.path}/cancel": {"cost_minor_max": 0} | value,
        f"{mine}/accept": value | accepted
        if name != "price_minor"
        else accepted | {"fee_minor": 0},
    }
    for path, body in tried.items():
        answer = await cast.customer.post(path, body)
        assert (answer.status_code, code_of(answer)) == (422, "fields_invalid"), path
        assert [error["at"] for error in answer.json()["errors"]] == ["body"], path
    changed = await cast.customer.http.patch("/v1/me", json=value, headers=cast.customer.headers)
    assert (changed.status_code, code_of(changed)) == (422, "fields_invalid")
    shown = done(await cast.customer.get(cast.path))
    assert (shown["status"], shown["your_roles"], shown["price"]) == (
        "requested",
        ["customer", "sender"],
        None,
    )


@pytest.mark.parametrize("name", UNSEEN)
async def test_names_hold_nothing_that_nobody_sees(story: Story, name: str) -> None:
    customer = await story.person("customer")
    recipient = {"name": UNSEEN[name], "phone": "+4915112345678"}
    named = await customer.post("/v1/deliveries", {**NEW_DELIVERY, "recipient": recipient})
    own = await customer.http.patch(
        "/v1/me", json={"display_name": UNSEEN[name]}, headers=customer.headers
    )
    for answer, at in ((named, "body/recipient/name"), (own, "body/display_name")):
        assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
        assert [error["at"] for error in answer.json()["errors"]] == [at]
        assert "evil" not in answer.text.lower()


async def test_an_edited_cursor_leads_nowhere(story: Story) -> None:
    customer = await story.person("customer")
    for _ in range(2):
        done(await customer.post("/v1/deliveries", NEW_DELIVERY))
    cursor = done(await customer.get("/v1/deliveries", limit="1"))["next_cursor"]
    for at in (0, len(cursor) // 2, len(cursor) - 2):
        other = "B" if cursor[at] != "B" else "C"
        await _refused(customer, "/v1/deliveries", f"{cursor[:at]}{other}{cursor[at + 1 :]}")
    await _refused(customer, "/v1/disputes", cursor)
    await _refused(await story.person("customer"), "/v1/deliveries", cursor)
    assert done(await customer.get("/v1/deliveries", limit="1", cursor=cursor))["items"]


async def _refused(person: Person, path: str, cursor: str) -> None:
    answer = await person.get(path, cursor=cursor)
    assert (answer.status_code, code_of(answer)) == (400, "cursor_invalid")


async def test_no_change_is_made_without_a_key(app: FastAPI, story: Story) -> None:
    person = await story.person("customer", "traveler", "agent", payout_account="acct_sandbox_ok")
    paths = changing_paths(app)
    assert any(path.endswith("/accept") for path in paths)
    for path in paths:
        answer = await person.http.post(
            re.sub(r"\{\w+\}", NOBODY, path.replace("{provider}", "local")),
            json={},
            headers=person.headers,
        )
        assert (answer.status_code, code_of(answer)) == (400, "idempotency_key_missing"), path
