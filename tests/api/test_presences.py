"""Who is at a handover shows it by a passkey, a device and a position, for that handover alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.statements import claim_on, known_delivery, seen, who_asks
from api.queries.handover_sides import sides_of
from domain.devices.policy import DEVICES
from infra.base64url import base64url
from infra.database.schema import presence
from infra.database.tokens import token_hash
from infra.forgetting import DatabaseForgetting
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.identity.phones import Phone, activated
from tests.api.identity.test_passkeys import with_passkey
from tests.api.story import Cast, Story, done
from tests.authenticator import Device
from tests.leveled import at_level

HANDOVER = "presences/handover"


@pytest.fixture
async def cast(story: Story, engine: AsyncEngine) -> Cast:
    return await at_level(engine, await story.picked_up(), "maximum")


class Guest:
    """Somebody at a handover, with a phone and a passkey."""

    def __init__(self, phone: Phone, passkey: Device) -> None:
        self.phone, self.passkey, self.person = phone, passkey, phone.owner

    @classmethod
    async def of(cls, person: Person) -> Guest:
        return cls(await activated(person), await with_passkey(person))

    async def options(self, cast: Cast, leg: str = HANDOVER) -> dict[str, Any]:
        answer = await self.person.post(f"{cast.path}/{leg}/options")
        made: dict[str, Any] = done(answer)["public_key"]
        return made

    async def show(
        self, cast: Cast, leg: str = HANDOVER, *, credential: Any = None, **position: Any
    ) -> httpx.Response:
        credential = credential or self.passkey.sign(await self.options(cast, leg))
        body = {"position": {**here(), **position}, "credential": credential}
        return await self.phone.post(f"{cast.path}/{leg}", body)


def here(ago_s: int = 0) -> dict[str, Any]:
    taken_at = datetime.now(UTC) - timedelta(seconds=ago_s)
    return {
        "latitude": 48.1353, "longitude": 11.569, "accuracy_m": 8.0, "taken_at": taken_at.isoformat(),
    }  # fmt: skip


async def sides(engine: AsyncEngine, cast: Cast, scanner: Guest) -> dict[str, Any]:
    """Return what a statement about a scan of the traveler finds."""
    who = who_asks()
    target = known_delivery(who).cte("target")
    statement = seen(who, target, claim_on(who, target), sides_of(who, target))
    values = {
        "token_hash": token_hash(scanner.person.token), "delivery_id": cast.delivery_id,
        "purpose": "handover", "key": new_id(), "route": "test", "request_hash": b"test",
        "resource_id": new_id(), "held_s": 0, "signing_device_id": scanner.phone.device_id,
    }  # fmt: skip
    async with engine.begin() as connection:
        row = (await connection.execute(statement, values)).first()
    assert row is not None
    return dict(row._mapping)


async def test_both_sides_are_found_by_the_statement_of_a_scan(
    cast: Cast, engine: AsyncEngine
) -> None:
    traveler, recipient = await Guest.of(cast.traveler), await Guest.of(cast.recipient)
    empty = await sides(engine, cast, traveler)
    assert (empty["signing_device_id"], empty["holding_device_id"]) == (
        traveler.phone.device_id,
        None,
    )
    done(await recipient.phone.post(f"{cast.path}/codes/handover/holding"))
    for guest in (traveler, recipient):
        shown = done(await guest.show(cast))
        assert shown["counts_until"] > shown["verified_at"]
    found = await sides(engine, cast, traveler)
    assert found["holding_device_id"] == recipient.phone.device_id
    assert bytes(found["holding_public_key"]) == recipient.phone.key.public
    assert found["holding_person_id"] == cast.recipient.person_id
    assert found["scanner_verified_at"]
    assert found["shower_verified_at"]
    assert (found["shower_latitude"], found["scanner_is_mocked"]) == (48.1353, False)
    mine = {"Authorization": f"Bearer {cast.recipient.token}"}
    gone = f"/v1/me/devices/{recipient.phone.device_id}"
    done(await cast.recipient.http.delete(gone, headers=mine))
    after = await sides(engine, cast, traveler)
    assert (after["holding_device_id"], after["shower_verified_at"]) == (None, None)


async def test_a_challenge_is_for_one_handover_one_person_and_once(
    cast: Cast, story: Story, engine: AsyncEngine
) -> None:
    traveler = await Guest.of(cast.traveler)
    signed = traveler.passkey.sign(await traveler.options(cast))
    other = await at_level(engine, await story.picked_up(), "maximum")
    recipient = await Guest.of(cast.recipient)
    assert code_of(await recipient.show(cast, credential=signed)) == "passkey_refused"
    recipients = recipient.passkey.sign(await recipient.options(cast))
    elsewhere = await Guest.of(other.recipient)
    assert code_of(await elsewhere.show(other, credential=recipients)) == "passkey_refused"
    done(await traveler.show(cast, credential=signed))
    assert code_of(await traveler.show(cast, credential=signed)) == "passkey_refused"


async def test_the_challenge_ends_with_the_handover(cast: Cast) -> None:
    traveler = await Guest.of(cast.traveler)
    first, second = [await traveler.options(cast) for _ in range(2)]
    assert first["challenge"] != second["challenge"]
    assert first["challenge"][-42:] == second["challenge"][-42:]
    assert first["userVerification"] == "required"


async def test_the_phone_has_to_recognise_its_owner(cast: Cast) -> None:
    traveler = await Guest.of(cast.traveler)
    traveler.passkey.verifies = False
    assert code_of(await traveler.show(cast)) == "passkey_refused"


async def test_without_a_passkey_nobody_shows_anything(cast: Cast) -> None:
    answer = await cast.traveler.post(f"{cast.path}/{HANDOVER}/options")
    assert code_of(answer) == "second_factor_enrolment_required"


@pytest.mark.parametrize(
    ("position", "code"),
    [
        ({"accuracy_m": 5_000.0}, "place_inaccurate"),
        ({"taken_at": "2020-01-01T00:00:00Z"}, "place_outdated"),
        ({"taken_at": "2090-01-01T00:00:00Z"}, "place_outdated"),
        ({"is_mock": True}, "place_mocked"),
    ],
)
async def test_a_position_has_to_place_somebody(
    cast: Cast, position: dict[str, Any], code: str
) -> None:
    traveler = await Guest.of(cast.traveler)
    assert code_of(await traveler.show(cast, **position)) == code


async def test_only_who_shows_and_who_scans_is_asked(cast: Cast) -> None:
    for other in (cast.customer, cast.agent):
        answer = await other.post(f"{cast.path}/{HANDOVER}/options")
        assert code_of(answer) == "not_your_role"
    recipient = await Guest.of(cast.recipient)
    early = await cast.customer.post(f"{cast.path}/presences/return/options")
    assert code_of(early) == "code_not_ready"
    used = await cast.traveler.post(f"{cast.path}/presences/pickup/options")
    assert code_of(used) == "code_already_used"
    unsigned = await cast.recipient.post(
        f"{cast.path}/{HANDOVER}",
        {"position": here(), "credential": recipient.passkey.sign(await recipient.options(cast))},
    )
    assert code_of(unsigned) == "device_missing"


async def test_where_people_were_is_forgotten_and_that_they_were_there_is_not(
    cast: Cast, engine: AsyncEngine
) -> None:
    traveler = await Guest.of(cast.traveler)
    done(await traveler.show(cast))
    mine = presence.c.delivery_id == cast.delivery_id
    long_ago = datetime.now(UTC) - timedelta(seconds=DEVICES.places_s + 60)
    async with engine.begin() as connection:
        await connection.execute(update(presence).where(mine).values(verified_at=long_ago))
    await DatabaseForgetting(engine).forget()
    async with engine.connect() as connection:
        (row,) = await connection.execute(select(presence).where(mine))
    assert (row.latitude, row.longitude, row.accuracy_m) == (None, None, None)
    assert row.proof["credential_id"] == base64url(traveler.passkey.credential_id)


async def test_the_traveler_who_takes_over_shows_to_be_there_as_well(
    cast: Cast, story: Story, engine: AsyncEngine
) -> None:
    taker = await Guest.of(await story.traveler())
    leg = "presences/relay"
    answer = await taker.person.post(f"{cast.path}/{leg}/options")
    assert code_of(answer) == "not_found"
    await relayed(cast, taker.person)
    done(await taker.show(cast, leg))
    done(await (await Guest.of(cast.traveler)).show(cast, leg))
    foreign = await taker.person.post(f"{cast.path}/{HANDOVER}/options")
    assert code_of(foreign) == "not_found"


async def relayed(cast: Cast, taker: Person) -> None:
    """Agree with another traveler to hand the parcel on."""
    terms = {
        "taker_id": taker.person_id,
        "share_points": 4_000,
        "deliver_by": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    }
    asked = done(await cast.traveler.post(f"{cast.path}/relays", terms))
    path = f"{cast.path}/relays/{asked['relay_id']}"
    done(await cast.customer.post(f"{path}/answer", {"agrees": True}))
    done(await taker.post(f"{path}/take", {"takes": True}))
