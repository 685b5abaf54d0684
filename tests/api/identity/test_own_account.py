"""What people read and change of their own account, and that it is nobody else's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.tokens import create_token
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.identity.people import Newcomers
from tests.conftest import MakePerson

HOME = {"label": "Home", "address": "Gran Via 1, Madrid", "latitude": 40.42, "longitude": -3.705}


async def test_people_see_themselves_as_they_registered(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in(roles=["traveler"])
    seen = (await ada.get("/v1/me")).json()
    assert (seen["person_id"], seen["email"]) == (ada.person_id, ada.email)
    assert (seen["roles"], seen["display_name"]) == (["traveler"], "Ada Lovelace")
    assert (seen["email_verified"], seen["phone_verified"]) == (True, False)
    assert seen["privacy"] == {"name_shown": "first", "shares_position": True}


async def test_people_choose_whether_they_send_or_carry_or_both(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    changed = await ada.change("PATCH", "/v1/me", {"roles": ["traveler", "customer"]})
    assert changed.json()["roles"] == ["customer", "traveler"]
    changed = await ada.change("PATCH", "/v1/me", {"display_name": "Ada L."})
    assert (changed.json()["display_name"], changed.json()["roles"]) == (
        "Ada L.",
        ["customer", "traveler"],
    )
    quiet = {"name_shown": "initials", "shares_position": False}
    assert (await ada.change("PUT", "/v1/me/privacy", quiet)).json() == quiet
    assert (await ada.get("/v1/me")).json()["privacy"] == quiet


async def test_roles_of_staff_are_neither_taken_nor_lost(
    newcomers: Newcomers, engine: AsyncEngine, make_person: MakePerson
) -> None:
    agent_id = await make_person("agent", "customer")
    agent = Person(newcomers.web, agent_id, await create_token(engine, agent_id))
    answer = await newcomers.web.patch(
        "/v1/me", json={"roles": ["traveler"]}, headers=agent.headers
    )
    assert answer.json()["roles"] == ["agent", "traveler"]
    assert answer.json()["has_account"] is False
    denied = await newcomers.web.put(
        "/v1/me/privacy",
        json={"name_shown": "full", "shares_position": True},
        headers=agent.headers,
    )
    assert (denied.status_code, code_of(denied)) == (409, "account_missing")


@pytest.mark.parametrize(
    "stolen",
    [
        {"roles": ["admin"]},
        {"roles": ["customer", "agent"]},
        {"status": "verified"},
        {"email": "eve@example.org"},
        {"email_verified": True},
        {"person_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"},
        {"payout_account": "acct_1"},
        {"skills": ["appeals"]},
        {"price_minor": 1},
    ],
)
async def test_nobody_makes_themselves_what_they_are_not(
    newcomers: Newcomers, stolen: dict[str, Any]
) -> None:
    ada = await newcomers.signed_in()
    answer = await ada.change("PATCH", "/v1/me", {"display_name": "Eve", **stolen})
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
    assert (await ada.get("/v1/me")).json()["display_name"] == "Ada Lovelace"


async def test_addresses_are_kept_changed_and_forgotten(newcomers: Newcomers) -> None:
    ada, path = await newcomers.signed_in(), f"/v1/me/addresses/{new_id()}"
    assert (await ada.change("PUT", path, HOME)).json()["label"] == "Home"
    moved = {**HOME, "address": "Calle Mayor 2, Madrid"}
    assert (await ada.change("PUT", path, moved)).status_code == 200
    (kept,) = (await ada.get("/v1/me/addresses")).json()["items"]
    assert kept["address"] == "Calle Mayor 2, Madrid"
    assert (await ada.change("DELETE", path)).json() == kept
    assert (await ada.get("/v1/me/addresses")).json() == {"items": []}
    assert code_of(await ada.change("DELETE", path)) == "not_found"


async def test_an_address_is_its_owner_s_under_any_id(newcomers: Newcomers) -> None:
    ada, eve = await newcomers.signed_in(), await newcomers.signed_in()
    path = f"/v1/me/addresses/{new_id()}"
    await ada.change("PUT", path, HOME)
    assert code_of(await eve.change("DELETE", path)) == "not_found"
    assert (await eve.change("PUT", path, {**HOME, "label": "Eve's"})).status_code == 200
    assert (await ada.get("/v1/me/addresses")).json()["items"][0]["label"] == "Home"


async def test_an_address_book_has_an_end(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    paths = [f"/v1/me/addresses/{new_id()}" for _ in range(21)]
    answers = [await ada.change("PUT", path, HOME) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * 20 + [409]
    assert code_of(answers[-1]) == "address_book_full"
    assert (await ada.change("PUT", paths[0], HOME)).status_code == 200


async def test_devices_are_listed_and_one_or_all_others_signed_out_at_once(
    newcomers: Newcomers,
) -> None:
    phone = await newcomers.signed_in()
    laptop = await newcomers.signed_in(phone.email)
    tablet = await newcomers.signed_in(phone.email)
    listed = (await phone.get("/v1/me/sessions")).json()["items"]
    assert {item["session_id"] for item in listed} == {
        each.session_id for each in (phone, laptop, tablet)
    }
    assert [i["session_id"] for i in listed if i["is_current"]] == [phone.session_id]
    assert listed[0]["program"] == "python-httpx"
    ended = await phone.change("DELETE", f"/v1/me/sessions/{laptop.session_id}")
    assert ended.json() == {"ended": 1}
    assert code_of(await laptop.get("/v1/me")) == "unauthenticated"
    assert code_of(await newcomers.refresh(laptop.refresh_token)) == "refresh_token_refused"
    assert (await phone.change("DELETE", "/v1/me/sessions")).json() == {"ended": 1}
    assert code_of(await tablet.get("/v1/me")) == "unauthenticated"
    assert (await phone.get("/v1/me")).status_code == 200


async def test_somebody_else_s_device_is_like_one_that_is_not_there(newcomers: Newcomers) -> None:
    ada, eve = await newcomers.signed_in(), await newcomers.signed_in()
    foreign = await eve.change("DELETE", f"/v1/me/sessions/{ada.session_id}")
    missing = await eve.change("DELETE", f"/v1/me/sessions/{new_id()}")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert code_of(foreign) == code_of(missing) == "not_found"
    assert (await ada.get("/v1/me")).status_code == 200
