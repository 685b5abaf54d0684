"""Devices come and go by the hand of their person, with a key that they show to have."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.devices.keys import KeyAlgorithm
from domain.devices.policy import DEVICES as POLICY
from infra.base64url import base64url
from tests.api.client import Person, code_of
from tests.api.identity.factors import approve, named, next_code, set_up
from tests.api.identity.notices import kinds_to
from tests.api.identity.people import Newcomers
from tests.api.identity.phones import DEVICES, Phone, activated, description
from tests.api.story import Story, done
from tests.device_keys import SoftKey

KEY = SoftKey.made()


@pytest.fixture
async def ada(story: Story) -> Person:
    return await story.person("customer")


async def ids_of(person: Person) -> list[str]:
    return [each["device_id"] for each in done(await person.get(DEVICES))["items"]]


@pytest.mark.parametrize("algorithm", KeyAlgorithm)
async def test_a_device_is_taken_into_use_listed_and_revoked(
    ada: Person, algorithm: KeyAlgorithm
) -> None:
    phone = await activated(ada, algorithm)
    (shown,) = done(await ada.get(DEVICES))["items"]
    assert (shown["device_id"], shown["algorithm"]) == (phone.device_id, algorithm)
    gone = await ada.http.delete(f"{DEVICES}/{phone.device_id}", headers=ada.headers)
    assert done(gone)["device_id"] == phone.device_id
    assert await ids_of(ada) == []
    again = await ada.http.delete(f"{DEVICES}/{phone.device_id}", headers=ada.headers)
    assert code_of(again) == "not_found"


async def test_its_person_is_told_of_it(newcomers: Newcomers, engine: AsyncEngine) -> None:
    ada = await newcomers.signed_in()
    phone = await activated(ada)
    done(await newcomers.web.delete(f"{DEVICES}/{phone.device_id}", headers=ada.headers))
    assert await kinds_to(engine, ada.person_id) == ["device_added", "device_revoked"]


@pytest.mark.parametrize("flaw", ["other key", "other request", "nonsense", "none", "padded"])
async def test_only_who_has_the_private_key_takes_it_into_use(ada: Person, flaw: str) -> None:
    key, body = str(uuid4()), description(KEY)
    signer = SoftKey.made() if flaw == "other key" else KEY
    signature = signer.signed("POST", DEVICES, "another" if flaw == "other request" else key, b"")
    given = {"nonsense": "!" * 86, "padded": signature + "="}.get(flaw, signature)
    headers = {"Sendalong-Signature": given}
    if flaw == "none":
        answer = await ada.post(DEVICES, body)
    else:
        answer = await Phone(ada, key=KEY).post(DEVICES, body, key=key, headers=headers)
    assert code_of(answer) == "device_wrong"
    assert await ids_of(ada) == []


@pytest.mark.parametrize(
    "public_key",
    ["A" * 43, "A" * 87, base64url(KEY.public)[:-1] + "_"],
    ids=["small order", "no point", "other encoding"],
)
async def test_what_is_no_public_key_is_refused_by_its_field(ada: Person, public_key: str) -> None:
    body = {**description(KEY), "public_key": public_key}
    answer = await Phone(ada, key=KEY).post(DEVICES, body)
    assert code_of(answer) == "fields_invalid"
    assert answer.json()["errors"][0]["at"] == "body/public_key"


async def test_the_same_request_makes_one_device(ada: Person) -> None:
    phone = Phone(ada, key=SoftKey.made())
    body = description(phone.key)
    first, again = [done(await phone.post(DEVICES, body, key="mine")) for _ in range(2)]
    assert first == again
    assert await ids_of(ada) == [first["device_id"]]


async def test_a_key_is_that_of_one_device_and_never_comes_back(ada: Person, story: Story) -> None:
    phone = await activated(ada)
    assert code_of(await phone.post(DEVICES, description(phone.key))) == "device_known"
    await ada.http.delete(f"{DEVICES}/{phone.device_id}", headers=ada.headers)
    assert code_of(await phone.post(DEVICES, description(phone.key))) == "device_known"
    other = Phone(await story.person("customer"), key=phone.key)
    done(await other.post(DEVICES, description(phone.key)))


async def test_nobody_has_more_than_a_few_even_at_once(ada: Person) -> None:
    for _ in range(POLICY.devices_max - 1):
        await activated(ada)
    late = [Phone(ada, key=SoftKey.made()) for _ in range(2)]
    answers = await asyncio.gather(*(phone.post(DEVICES, description(phone.key)) for phone in late))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code != 201)
    assert code_of(refused) == "devices_reached"


async def test_whoever_has_a_factor_approves_a_device_with_it(
    newcomers: Newcomers,
) -> None:
    ada = await newcomers.signed_in()
    app, _ = await set_up(ada)
    phone = Phone(ada, key=SoftKey.made())
    body = description(phone.key)
    assert code_of(await phone.post(DEVICES, body)) == "step_up_required"
    grant = await approve(ada, named("POST", DEVICES, body), {"totp": next_code(app)})
    done(await phone.post(DEVICES, body, headers={"Step-Up": grant}))
