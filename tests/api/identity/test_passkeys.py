"""Passkeys are made and used by a device in software; the library that checks them is the real one."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.approvals import fingerprint_of
from domain.identity.factors import FACTORS
from infra.base64url import from_base64url
from infra.database.schema import passkey_challenge, step_up
from tests.api.client import Person, code_of
from tests.api.identity.factors import STEP_UPS, named, send, set_up
from tests.api.identity.sessions import signed_in
from tests.api.story import Story, done
from tests.authenticator import Device

PATH = "/v1/me/passkeys"
FACTORS_PATH = "/v1/me/second-factors"
CODES = "/v1/me/second-factors/recovery-codes"
NEW_CODES = named("PUT", CODES)


@pytest.fixture
async def person(story: Story, engine: AsyncEngine) -> Person:
    """Somebody who has just signed in."""
    return await signed_in(engine, await story.person("customer"))


async def options_for(person: Person, grant: str | None = None) -> dict[str, Any]:
    answer = done(await send(person, "PUT", f"{PATH}/options", grant))
    made: dict[str, Any] = answer["public_key"]
    return made


async def register(person: Person, credential: dict[str, Any]) -> httpx.Response:
    return await person.post(PATH, {"name": "Phone", "credential": credential})


async def with_passkey(person: Person, device: Device | None = None) -> Device:
    """Return a device with which the person has set up a passkey."""
    device = device or Device()
    done(await register(person, device.create(await options_for(person))))
    return device


async def asked(person: Person, wanted: dict[str, str] = NEW_CODES) -> dict[str, Any]:
    answer: dict[str, Any] = done(await person.post(STEP_UPS, wanted))
    return answer


async def answered(person: Person, step_up_id: str, credential: dict[str, Any]) -> httpx.Response:
    return await person.post(f"{STEP_UPS}/{step_up_id}/answer", {"passkey": credential})


async def test_a_passkey_is_made_listed_named_and_deleted(person: Person) -> None:
    device, options = Device(), await options_for(person)
    assert options["rp"]["id"] == "sendalong.test"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    made = done(await register(person, device.create(options)))
    assert len(made["recovery_codes"]) == FACTORS.recovery_codes
    (listed,) = done(await person.get(PATH))["items"]
    assert (listed["name"], listed["last_used_at"], listed["may_be_copied"]) == (
        "Phone", None, False,
    )  # fmt: skip
    address = f"{PATH}/{made['passkey_id']}"
    renamed = await person.http.patch(address, headers=person.headers, json={"name": "Laptop"})
    assert done(renamed)["name"] == "Laptop"
    assert code_of(await send(person, "DELETE", address)) == "step_up_required"
    wanted = await asked(person, named("DELETE", address))
    credential = device.sign(wanted["passkey"])
    grant = done(await answered(person, wanted["step_up_id"], credential))["step_up"]
    assert done(await send(person, "DELETE", address, grant))["passkeys"] == 0
    assert done(await person.get(PATH))["items"] == []


async def test_a_second_passkey_needs_the_first_and_brings_no_codes(person: Person) -> None:
    device = await with_passkey(person)
    assert code_of(await send(person, "PUT", f"{PATH}/options")) == "step_up_required"
    wanted = await asked(person, named("PUT", f"{PATH}/options"))
    credential = device.sign(wanted["passkey"])
    grant = done(await answered(person, wanted["step_up_id"], credential))["step_up"]
    options = await options_for(person, grant)
    assert [from_base64url(each["id"]) for each in options["excludeCredentials"]] == [
        device.credential_id
    ]
    assert done(await register(person, Device().create(options)))["recovery_codes"] == []
    assert len(done(await person.get(PATH))["items"]) == 2


LIES: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://sendalong.test.evil.example"},
    "another domain": {"rp_id": "evil.example"},
    "a person who was not recognised": {"verifies": False},
}


@pytest.mark.parametrize("lie", LIES)
async def test_what_a_device_must_not_say_is_refused(person: Person, lie: str) -> None:
    false_made = Device(**LIES[lie]).create(await options_for(person))
    refused = await register(person, false_made)
    assert (refused.status_code, code_of(refused)) == (422, "passkey_refused")
    assert done(await person.get(PATH))["items"] == []
    device = await with_passkey(person)
    for name, value in LIES[lie].items():
        setattr(device, name, value)
    wanted = await asked(person)
    refused = await answered(person, wanted["step_up_id"], device.sign(wanted["passkey"]))
    assert (refused.status_code, code_of(refused)) == (422, "passkey_refused")


async def test_a_challenge_is_answered_once_and_in_time(
    person: Person, story: Story, engine: AsyncEngine
) -> None:
    other = await story.person("customer")
    options = await options_for(person)
    done(await register(person, Device().create(options)))
    replayed = await register(person, Device().create(options))
    assert code_of(replayed) == "passkey_refused"
    late = Device().create(await options_for(other))
    passed = update(passkey_challenge).values(expires_at=text("now()"))
    async with engine.begin() as connection:
        await connection.execute(passed.where(passkey_challenge.c.person_id == other.person_id))
    assert code_of(await register(other, late)) == "passkey_refused"


async def test_an_answer_for_one_approval_is_none_for_another(person: Person) -> None:
    device = await with_passkey(person)
    first, second = await asked(person), await asked(person)
    credential = device.sign(first["passkey"])
    elsewhere = await answered(person, second["step_up_id"], credential)
    assert code_of(elsewhere) == "passkey_refused"
    # Whoever tried it elsewhere has not used it up.
    done(await answered(person, first["step_up_id"], credential))


async def test_the_signed_challenge_holds_what_is_approved(
    person: Person, engine: AsyncEngine
) -> None:
    device = await with_passkey(person)
    wanted = await asked(person)
    mark = fingerprint_of("PUT", CODES, NEW_CODES["body_sha256"])
    assert from_base64url(wanted["passkey"]["challenge"]).endswith(mark)
    done(await answered(person, wanted["step_up_id"], device.sign(wanted["passkey"])))
    async with engine.connect() as connection:
        proof = await connection.scalar(
            select(step_up.c.proof).where(step_up.c.step_up_id == wanted["step_up_id"])
        )
    assert set(proof or ()) == {"credential_id", "clientDataJSON", "authenticatorData", "signature"}


async def test_a_passkey_of_somebody_else_proves_nothing(
    person: Person, story: Story, engine: AsyncEngine
) -> None:
    other = await signed_in(engine, await story.person("customer"))
    theirs = await with_passkey(other)
    await with_passkey(person)
    wanted = await asked(person)
    for handle in (theirs.user_handle, None):
        theirs.user_handle = handle
        wanted = await asked(person)
        refused = await answered(person, wanted["step_up_id"], theirs.sign(wanted["passkey"]))
        assert code_of(refused) == "passkey_refused"
    taken = Device(credential_id=theirs.credential_id)
    third = await signed_in(engine, await story.person("customer"))
    assert code_of(await register(third, taken.create(await options_for(third)))) == (
        "passkey_refused"
    )


async def test_a_counter_that_goes_back_locks_the_passkey(person: Person) -> None:
    device = await with_passkey(person, Device(sign_count=7))
    wanted = await asked(person)
    copy = deepcopy_of(device)
    done(await answered(person, wanted["step_up_id"], device.sign(wanted["passkey"])))
    wanted = await asked(person)
    refused = await answered(person, wanted["step_up_id"], copy.sign(wanted["passkey"]))
    assert code_of(refused) == "passkey_refused"
    (listed,) = done(await person.get(PATH))["items"]
    assert listed["may_be_copied"]
    # It counts as none from now on, the one in the right hands as well.
    assert done(await person.get(FACTORS_PATH))["passkeys"] == 0


async def test_a_device_that_does_not_count_works_again_and_again(person: Person) -> None:
    device = await with_passkey(person, Device(step=0))
    for _ in range(2):
        wanted = await asked(person)
        done(await answered(person, wanted["step_up_id"], device.sign(wanted["passkey"])))


def deepcopy_of(device: Device) -> Device:
    """Return a copy of a device with the same key."""
    members = {name: value for name, value in vars(device).items() if name != "key"}
    return Device(**deepcopy(members), key=device.key)


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"response": {}},
        {"response": {"clientDataJSON": 5}, "rawId": []},
        {"response": {"clientDataJSON": "%%%"}, "rawId": "AAAA"},
        {"response": {"clientDataJSON": "bnVsbA"}, "rawId": "AAAA"},
        {"response": {"clientDataJSON": "eyJjaGFsbGVuZ2UiOiAiQUFBQSJ9"}, "rawId": "AAAA"},
    ],
)
async def test_nonsense_proves_nothing(person: Person, credential: dict[str, Any]) -> None:
    await options_for(person)
    assert code_of(await register(person, credential)) == "passkey_refused"
    await with_passkey(person)
    wanted = await asked(person)
    refused = await answered(person, wanted["step_up_id"], credential)
    assert code_of(refused) == "passkey_refused"


async def test_a_broken_answer_to_an_open_challenge_is_refused(person: Person) -> None:
    device = await with_passkey(person)
    for member, value in (("signature", "AAAA"), ("authenticatorData", "AAAA"), ("signature", 5)):
        wanted = await asked(person)
        credential = device.sign(wanted["passkey"])
        credential["response"][member] = value
        refused = await answered(person, wanted["step_up_id"], credential)
        assert code_of(refused) == "passkey_refused"


async def test_staff_keep_their_last_passkey(story: Story) -> None:
    agent = await story.person("agent")
    await with_passkey(agent)
    (listed,) = done(await agent.get(PATH))["items"]
    address = f"{PATH}/{listed['passkey_id']}"
    assert code_of(await send(agent, "DELETE", address)) == "last_factor"
    await set_up(agent)
    assert (await send(agent, "DELETE", address)).status_code == 200


async def test_nobody_touches_a_passkey_of_somebody_else(person: Person, story: Story) -> None:
    await with_passkey(person)
    (listed,) = done(await person.get(PATH))["items"]
    address = f"{PATH}/{listed['passkey_id']}"
    stranger = await story.person("customer")
    renamed = await stranger.http.patch(address, headers=stranger.headers, json={"name": "Mine"})
    assert renamed.status_code == 404
    assert (await send(stranger, "DELETE", address)).status_code == 404
