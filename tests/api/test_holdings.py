"""One device holds the code of a handover, gets its secret once, and nobody else does."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import CodePurpose
from domain.devices.keys import KeyAlgorithm
from domain.handover.codes import derive_code
from infra.database.schema import audit_entry, code_holding, handover_code, parcel
from tests.api.client import Person, code_of
from tests.api.conftest import HANDOVER_KEY
from tests.api.identity.phones import DEVICES, Phone, activated, description
from tests.api.story import Cast, Story, done
from tests.device_keys import SoftKey
from tests.infra.erasing.planting import Planted
from tests.leveled import at_level

HOLDER = "codes/handover/holding"


@pytest.fixture
async def cast(story: Story, engine: AsyncEngine) -> Cast:
    """A parcel at the high level, on its way to somebody with an account."""
    return await at_level(engine, await story.picked_up(), "high")


async def hold(phone: Phone, cast: Cast, **more: Any) -> httpx.Response:
    return await phone.post(f"{cast.path}/{HOLDER}", **more)


async def release(who: Person, cast: Cast) -> httpx.Response:
    return await who.post(f"{cast.path}/{HOLDER}/release")


async def issue_again(engine: AsyncEngine, cast: Cast) -> None:
    issued_again = (
        update(handover_code)
        .where(handover_code.c.delivery_id == cast.delivery_id)
        .values(nonce=b"n" * 16, issued_at=handover_code.c.valid_until)
    )
    async with engine.begin() as connection:
        await connection.execute(issued_again)


async def test_the_secret_is_handed_out_once(cast: Cast) -> None:
    first = await activated(cast.recipient)
    held = done(await hold(first, cast, key="mine"))
    assert (held["code_version"], held["step_s"]) == ("SA2", 20)
    again = done(await hold(first, cast, key="mine"))
    assert again["secret"] == held["secret"], "the answer may have been lost"
    assert code_of(await hold(first, cast, key="another")) == "code_held_elsewhere"
    second = await activated(cast.recipient)
    assert code_of(await hold(second, cast)) == "code_held_elsewhere"


async def test_a_lost_answer_is_given_again_to_the_device_only(cast: Cast) -> None:
    phone = await activated(cast.recipient)
    done(await hold(phone, cast, key="mine"))
    unsigned = await cast.recipient.post(f"{cast.path}/{HOLDER}", key="mine")
    assert code_of(unsigned) == "device_missing"
    forged = Phone(cast.recipient, phone.device_id, SoftKey.made())
    assert code_of(await hold(forged, cast, key="mine")) == "device_wrong"


async def test_of_two_devices_at_once_one_gets_it(cast: Cast) -> None:
    phones = [await activated(cast.recipient, kind) for kind in KeyAlgorithm]
    answers = await asyncio.gather(*(hold(phone, cast) for phone in phones * 3))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    assert {code_of(answer) for answer in answers if not answer.is_success} == {
        "code_held_elsewhere"
    }


async def test_the_same_request_at_once_gets_one_secret(cast: Cast) -> None:
    phone = await activated(cast.recipient)
    answers = await asyncio.gather(*(hold(phone, cast, key="mine") for _ in range(4)))
    assert len({done(answer)["secret"] for answer in answers}) == 1


async def test_a_released_code_is_held_anew_with_another_secret(cast: Cast) -> None:
    lost, found = await activated(cast.recipient), await activated(cast.recipient)
    before = done(await hold(lost, cast, key="old"))
    done(await release(cast.recipient, cast))
    assert code_of(await hold(lost, cast, key="old")) == "code_held_elsewhere", "a replay is none"
    after = done(await hold(found, cast))
    assert after["secret"] != before["secret"]


async def test_a_recorded_request_takes_nothing_back_after_any_number_of_releases(
    cast: Cast, engine: AsyncEngine
) -> None:
    first, second = await activated(cast.recipient), await activated(cast.recipient)
    holders = ((first, "first"), (second, "second"))
    for phone, key in holders:
        done(await hold(phone, cast, key=key))
        done(await release(cast.recipient, cast))
    for phone, key in holders:
        assert code_of(await hold(phone, cast, key=key)) == "code_held_elsewhere"
    await issue_again(engine, cast)
    for phone, key in holders:
        assert code_of(await hold(phone, cast, key=key)) == "code_held_elsewhere"
    done(await hold(first, cast, key="another"))


async def test_a_code_that_is_issued_again_is_held_by_nobody(
    cast: Cast, engine: AsyncEngine
) -> None:
    phones = [await activated(cast.recipient) for _ in range(2)]
    before = done(await hold(phones[0], cast))
    await issue_again(engine, cast)
    assert done(await hold(phones[1], cast))["secret"] != before["secret"]


async def test_a_revoked_device_keeps_others_out_until_it_is_released(cast: Cast) -> None:
    stolen, new = await activated(cast.recipient), await activated(cast.recipient)
    done(await hold(stolen, cast, key="mine"))
    path = f"{DEVICES}/{stolen.device_id}"
    done(await cast.recipient.http.delete(path, headers=cast.recipient.headers))
    assert code_of(await hold(stolen, cast, key="mine")) == "device_wrong"
    assert code_of(await hold(new, cast)) == "code_held_elsewhere"
    done(await release(cast.recipient, cast))
    done(await hold(new, cast))


async def test_only_a_device_of_whoever_shows_the_code_holds_it(cast: Cast) -> None:
    theirs = await activated(cast.traveler)
    assert code_of(await hold(theirs, cast)) == "not_your_role"
    assert code_of(await theirs.post(f"{cast.path}/{HOLDER}", by=cast.recipient)) == "device_wrong"
    own = await activated(cast.recipient)
    assert code_of(await own.post(f"{cast.path}/{HOLDER}", by=cast.customer)) == "not_your_role"
    assert code_of(await own.post(f"{cast.path}/codes/pickup/holding")) == "not_your_role"
    assert code_of(await own.post(f"{cast.path}/codes/return/holding")) == "not_your_role"


async def test_who_may_release_a_code(cast: Cast, engine: AsyncEngine) -> None:
    done(await hold(await activated(cast.recipient), cast))
    for other in (cast.customer, cast.traveler):
        assert code_of(await release(other, cast)) == "not_your_role"
    done(await release(cast.agent, cast))
    done(await release(cast.agent, cast))
    async with engine.connect() as connection:
        wanted = select(audit_entry.c.kind).where(audit_entry.c.subject_id == cast.delivery_id)
        assert list(await connection.scalars(wanted)) == ["intervened"], "nothing is freed twice"


@pytest.mark.parametrize("flaw", ["signature", "device", "padding", "body"])
async def test_whatever_is_wrong_with_a_signature_is_said_in_one_way(cast: Cast, flaw: str) -> None:
    phone = await activated(cast.recipient)
    path, key = f"{cast.path}/{HOLDER}", "mine"
    good = phone.key.signed("POST", path, key, b"")
    headers = {
        "signature": {"Sendalong-Signature": "A" * 86},
        "device": {"Sendalong-Device": "not an id"},
        "padding": {"Sendalong-Signature": good + "=="},
        "body": {"Sendalong-Signature": phone.key.signed("POST", path, key, b"{}")},
    }[flaw]
    answer = await hold(phone, cast, key=key, headers=headers)
    assert code_of(answer) == "device_wrong"
    known = await hold(phone, cast, key="other", headers={"Sendalong-Signature": "A" * 86})
    assert answer.json()["detail"] == known.json()["detail"]


async def test_at_the_maximum_the_device_is_bound_and_there_is_no_secret(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await at_level(engine, await story.picked_up(), "maximum")
    phone = await activated(cast.recipient, KeyAlgorithm.P256)
    held = done(await hold(phone, cast))
    assert (held["code_version"], held["secret"]) == ("SA3", None)
    assert done(await hold(phone, cast))["device_id"] == phone.device_id, "it has nothing to lose"
    other = await activated(cast.recipient)
    assert code_of(await hold(other, cast)) == "code_held_elsewhere"


async def test_a_plain_code_is_held_by_no_device(story: Story) -> None:
    cast = await story.picked_up()
    phone = await activated(cast.recipient)
    assert code_of(await hold(phone, cast)) == "code_version_wrong"


async def test_what_is_written_down_of_a_holding_is_no_secret(
    cast: Cast, engine: AsyncEngine
) -> None:
    phone = await activated(cast.recipient)
    secret = done(await hold(phone, cast, key="mine"))["secret"]
    assert await Planted(mark=secret, digits=secret).found_in(engine) == set()


class TestByLink:
    """A recipient without an account has a link, and a browser that keeps a key."""

    @pytest.fixture
    async def linked(self, story: Story, engine: AsyncEngine) -> tuple[Cast, str]:
        cast = await at_level(engine, await story.picked_up(), "high")
        async with engine.begin() as connection:
            mine = parcel.c.delivery_id == cast.delivery_id
            await connection.execute(update(parcel).where(mine).values(recipient_id=None))
            nonce = await connection.scalar(
                handover_code.select()
                .with_only_columns(handover_code.c.nonce)
                .where(
                    handover_code.c.delivery_id == cast.delivery_id,
                    handover_code.c.purpose == "handover",
                )
            )
        code = derive_code(HANDOVER_KEY, cast.delivery_id, CodePurpose.HANDOVER, nonce)  # type: ignore[arg-type]
        return cast, f"/v1/links/{code.link_token}/holding"

    async def hold(self, http: httpx.AsyncClient, path: str, key: SoftKey, named: str) -> Any:
        browser = Phone(Person(http, "", "x" * 40), key=key)
        body = {k: v for k, v in description(key).items() if k != "name"}
        return await browser.post(path, body, key=named)

    async def test_the_first_browser_holds_it(
        self, linked: tuple[Cast, str], http: httpx.AsyncClient
    ) -> None:
        cast, path = linked
        key = SoftKey.made(KeyAlgorithm.P256)
        held = done(await self.hold(http, path, key, "mine"))
        assert done(await self.hold(http, path, key, "mine"))["secret"] == held["secret"]
        assert code_of(await self.hold(http, path, key, "other")) == "code_held_elsewhere"
        other = await self.hold(http, path, SoftKey.made(), "mine")
        assert code_of(other) == "code_held_elsewhere"
        assert code_of(await release(cast.traveler, cast)) == "not_your_role"
        done(await release(cast.customer, cast))
        done(await self.hold(http, path, SoftKey.made(), "mine"))

    async def test_an_account_is_not_gone_around(
        self, linked: tuple[Cast, str], http: httpx.AsyncClient, engine: AsyncEngine
    ) -> None:
        cast, path = linked
        async with engine.begin() as connection:
            mine = parcel.c.delivery_id == cast.delivery_id
            account = {"recipient_id": cast.recipient.person_id}
            await connection.execute(update(parcel).where(mine).values(account))
        assert code_of(await self.hold(http, path, SoftKey.made(), "a")) == "code_needs_device"
        await at_level(engine, cast, "maximum")
        assert code_of(await self.hold(http, path, SoftKey.made(), "b")) == "code_needs_device"
        wrong = path.replace("/holding", "")[:-1] + ("A" if path[-9] != "A" else "B") + "/holding"
        assert code_of(await self.hold(http, wrong, SoftKey.made(), "c")) == "not_found"

    async def test_a_key_has_to_be_shown_by_link_as_well(
        self, linked: tuple[Cast, str], http: httpx.AsyncClient, engine: AsyncEngine
    ) -> None:
        cast, path = linked
        body = {"algorithm": "ed25519", "public_key": description(SoftKey.made())["public_key"]}
        unsigned = await http.post(path, json=body, headers={"Idempotency-Key": "mine"})
        assert code_of(unsigned) == "device_wrong"
        assert code_of(await http.post(path, json=body)) == "idempotency_key_missing"
        async with engine.connect() as connection:
            held = code_holding.select().where(code_holding.c.delivery_id == cast.delivery_id)
            assert (await connection.execute(held)).first() is None
