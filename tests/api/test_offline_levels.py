"""Scans without network where a delivery needs more than a plain code."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import CodePurpose
from domain.handover.policy import ProofPolicy
from domain.handover.rotating import rotating_code
from domain.handover.signed import message_of, signed_code
from domain.handover.steps import step_at
from domain.ids import DeliveryId, DeviceId
from domain.offline.claims import COUNTER_MAX
from infra.base64url import from_base64url
from infra.database.schema import delivery, person, presence, proof_item
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.identity.phones import Phone, activated
from tests.api.offline_trip import Trip, at_the_door
from tests.api.story import BERLIN, MUNICH, Cast, Story, done
from tests.leveled import at_level

HANDOVER = CodePurpose.HANDOVER
ACCEPT = {"decision": "accept", "reason": "Both say that it was handed over."}


async def held(cast: Cast) -> tuple[Phone, dict[str, Any]]:
    """Return the recipient's phone, which shows the code from now on, and what it was told."""
    phone = await activated(cast.recipient)
    return phone, done(await phone.post(f"{cast.path}/codes/handover/holding"))


def rotating(cast: Cast, secret: str, at: datetime) -> str:
    key = from_base64url(secret)
    step = step_at(ProofPolicy(), at)
    return rotating_code(key, DeliveryId(cast.delivery_id), HANDOVER, step)


def signed(cast: Cast, phone: Phone, at: datetime) -> str:
    delivery_id, device_id = DeliveryId(cast.delivery_id), DeviceId(phone.device_id)
    step = step_at(ProofPolicy(), at)
    signature = phone.key.sign(message_of(delivery_id, HANDOVER, device_id, step))
    return signed_code(delivery_id, HANDOVER, device_id, step, signature)


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


async def outdated(story: Story, engine: AsyncEngine) -> tuple[Cast, str]:
    """Return a delivery and its claim whose code is of another moment, which two people accept."""
    cast = await at_level(engine, await story.picked_up(), "high")
    _, told = await held(cast)
    trip, at = await Trip.begun(cast), ago(seconds=10)
    claim = trip.claim(rotating(cast, told["secret"], at - timedelta(minutes=5)), at)
    (result,) = done(await trip.sync(claim))["claims"]
    return cast, result["claim_id"]


async def test_a_rotating_code_is_proven_for_the_step_of_its_scan(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await at_level(engine, await story.picked_up(), "high")
    _, told = await held(cast)
    trip = await Trip.begun(cast)
    assert [leg["check"] for leg in trip.manifest["legs"]] == [None]
    assert told["secret"] not in str(trip.manifest)
    at = ago(seconds=60)
    assert await trip.told(trip.claim(rotating(cast, told["secret"], at), at)) == [("accepted", [])]


@pytest.mark.parametrize(
    ("off", "position", "reasons"),
    [
        (timedelta(minutes=5), {}, ["code_outdated"]),
        (timedelta(), {"latitude": BERLIN["latitude"]}, ["place_too_far"]),
        (timedelta(), {"accuracy_m": 5_000}, ["place_inaccurate"]),
        (timedelta(), {"is_mock": True}, ["place_mocked"]),
    ],
)
async def test_a_right_code_with_a_wrong_clock_or_place_is_looked_at(
    story: Story,
    engine: AsyncEngine,
    off: timedelta,
    position: dict[str, Any],
    reasons: list[str],
) -> None:
    cast = await at_level(engine, await story.picked_up(), "high")
    _, told = await held(cast)
    trip, at = await Trip.begun(cast), ago(seconds=10)
    code = rotating(cast, told["secret"], at - off)
    claim = trip.claim(code, at, position={**at_the_door(at), **position})
    assert await trip.told(claim) == [("in_review", reasons)]


async def test_a_code_of_another_moment_is_accepted_by_two_people_of_staff(
    story: Story, engine: AsyncEngine
) -> None:
    cast, claim_id = await outdated(story, engine)
    path = f"/v1/offline-claims/{claim_id}"
    second, tied = await story.person("agent"), await story.person("agent")
    await one_phone(engine, cast.traveler, tied)
    assert code_of(await tied.post(f"{path}/decision", ACCEPT)) == "second_person_needed"
    for _ in range(2):
        waits = done(await cast.agent.post(f"{path}/decision", ACCEPT))
        assert (waits["state"], waits["decided_at"]) == ("in_review", None)
        assert waits["evidence"]["agreed_by"] == cast.agent.person_id
    assert done(await cast.customer.get(cast.path))["status"] == "in_transit"
    await one_phone(engine, cast.agent, tied)
    same = await tied.post(f"{path}/decision", ACCEPT)
    assert (same.status_code, code_of(same)) == (409, "second_person_needed")
    said = {**ACCEPT, "reason": "I have seen a picture."}
    accepted = done(await second.post(f"{path}/decision", said, key="both"))
    assert accepted["state"] == "accepted"
    assert done(await second.post(f"{path}/decision", said, key="both"))["state"] == "accepted"
    evidence = done(await second.get(path))["evidence"]
    assert (evidence["agreed_by"], evidence["decided_by"]) == (
        cast.agent.person_id,
        second.person_id,
    )
    assert evidence["decision_reason"] == f"{ACCEPT['reason']}\n{said['reason']}"
    await cast.until("delivered")


async def one_phone(engine: AsyncEngine, one: Person, other: Person) -> None:
    """Give two people the same phone number."""
    both, phone = person.c.person_id.in_((one.person_id, other.person_id)), f"phone-{new_id()}"
    async with engine.begin() as connection:
        await connection.execute(update(person).where(both).values(phone_lookup=phone))


@pytest.mark.parametrize(
    ("level", "undone", "reason"),
    [
        ("high", "revoked", "device_revoked"),
        ("maximum", "revoked", "device_revoked"),
        ("high", "released", "code_held_elsewhere"),
        ("maximum", "released", "code_held_elsewhere"),
    ],
)
async def test_who_got_the_parcel_cannot_void_the_code_that_they_showed(
    story: Story, engine: AsyncEngine, level: str, undone: str, reason: str
) -> None:
    cast = await at_level(engine, await story.picked_up(), level)
    phone, told = await held(cast)
    trip, at = await Trip.begun(cast), datetime.now(UTC)
    code = rotating(cast, told["secret"], at) if level == "high" else signed(cast, phone, at)
    claim, made_up = trip.claim(code, at), trip.claim("no code", at)
    if undone == "revoked":
        who, path = cast.recipient, f"/v1/me/devices/{phone.device_id}"
        done(await who.http.delete(path, headers=who.headers))
    else:
        done(await cast.recipient.post(f"{cast.path}/codes/handover/holding/release"))
    (state, reasons), refused = await trip.told(claim, made_up)
    assert (state, reasons[0]) == ("in_review", reason)
    assert refused == ("refused", ["code_wrong"])


async def test_the_greatest_number_of_a_claim_is_taken(story: Story, engine: AsyncEngine) -> None:
    cast = await at_level(engine, await story.picked_up(), "high")
    trip = await Trip.begun(cast)
    claim = trip.claim("no code", counter=COUNTER_MAX)
    assert await trip.told(claim) == [("refused", ["code_wrong"])]


async def test_a_plain_code_proves_nothing_where_more_is_needed(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await story.picked_up()
    code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))["code"]
    trip = await Trip.begun(await at_level(engine, cast, "high"))
    assert await trip.told(trip.claim(code)) == [("refused", ["code_version_wrong"])]


async def test_a_signed_code_without_the_people_and_the_photo_is_for_an_agent(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await at_level(engine, await story.picked_up(), "maximum")
    phone, _ = await held(cast)
    trip, at = await Trip.begun(cast), ago(seconds=10)
    holder = trip.manifest["legs"][0]["holder"]
    assert holder["public_key"] == phone.key.public.hex()
    result = done(await trip.sync(trip.claim(signed(cast, phone, at), at)))["claims"][0]
    assert result["reasons"] == ["person_unproven", "proof_missing"]
    path = f"/v1/offline-claims/{result['claim_id']}/decision"
    assert done(await cast.agent.post(path, ACCEPT))["state"] == "accepted"
    assert done(await cast.customer.get(cast.path))["status"] == "delivered"


async def test_a_signed_code_with_everything_that_is_asked_for_moves_custody(
    story: Story, engine: AsyncEngine
) -> None:
    cast = await at_level(engine, await story.picked_up(), "maximum")
    phone, _ = await held(cast)
    trip, at = await Trip.begun(cast), ago(seconds=10)
    await _show_up(
        engine, cast, {cast.recipient.person_id: phone, cast.traveler.person_id: trip.phone}
    )
    claim = trip.claim(signed(cast, phone, at), at)
    assert await trip.told(claim) == [("accepted", [])]


@pytest.mark.parametrize(
    ("is_far", "reason"), [(True, "place_too_far"), (False, "person_unproven")]
)
async def test_a_holder_who_is_elsewhere_or_there_with_another_phone_is_looked_at(
    story: Story, engine: AsyncEngine, is_far: bool, reason: str
) -> None:
    cast = await at_level(engine, await story.picked_up(), "maximum")
    phone, _ = await held(cast)
    trip, at = await Trip.begun(cast), ago(seconds=10)
    shown_with = phone if is_far else await activated(cast.recipient)
    phones = {cast.recipient.person_id: shown_with, cast.traveler.person_id: trip.phone}
    await _show_up(engine, cast, phones, cast.recipient.person_id if is_far else "")
    claim = trip.claim(signed(cast, phone, at), at)
    assert await trip.told(claim) == [("in_review", [reason])]


async def _show_up(
    engine: AsyncEngine, cast: Cast, phones: dict[str, Phone], far_id: str = ""
) -> None:
    """Write that both sides were there with their passkeys, and that there is a photo.

    Whoever is `far_id` was in another town.
    """
    now, of = datetime.now(UTC), {"delivery_id": cast.delivery_id}
    async with engine.begin() as connection:
        for person_id, phone in phones.items():
            there: dict[str, Any] = {
                "person_id": person_id,
                "device_id": phone.device_id,
                "purpose": "handover",
            }
            at = BERLIN if person_id == far_id else MUNICH
            there |= {name: at[name] for name in ("latitude", "longitude")} | {"accuracy_m": 12.0}
            moments = {"taken_at": now, "verified_at": now, "is_mocked": False, "proof": {}}
            await connection.execute(insert(presence).values(**of, **there, **moments))
        so_far = select(delivery.c.head_sequence).where(delivery.c.delivery_id == cast.delivery_id)
        photo: dict[str, Any] = {"leg": "handover", "kind": "photo", "counts": True}
        photo |= {"item_id": new_id(), "after_sequence": so_far.scalar_subquery()}
        by = {"author_id": cast.traveler.person_id, "author_role": "traveler", "detail": "{}"}
        picture = {"content": b"p", "sha256": "0" * 64, "width": 1, "height": 1}
        await connection.execute(insert(proof_item).values(**of, **photo, **by, **picture))
