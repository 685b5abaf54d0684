"""What only serves requests is forgotten once it has served, and not before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import PLATFORM, Standing
from domain.forgetting import ForgettingPolicy
from domain.identity.limits import Bucket
from domain.ids import DeliveryId
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import EventKind, Transition
from infra.database.records import DatabaseRecords
from infra.database.schema import idempotent_request, rate_bucket, scan_attempt
from infra.forgetting import DatabaseForgetting
from infra.identifiers import new_id
from tests.conftest import MakeParcel, MakePerson

SMALL_BATCHES = ForgettingPolicy(batch_rows=2)
BUCKET = Bucket(burst=10, per_s=0.1, lease=1)


async def keep_keys(engine: AsyncEngine, person_id: str, ages: dict[str, timedelta]) -> None:
    """Keep keys as if they had come so long ago."""
    now = datetime.now(UTC)
    rows = [
        {
            "person_id": person_id,
            "key": key,
            "route": "test",
            "request_hash": b"test",
            "resource_id": new_id(),
            "created_at": now - age,
        }
        for key, age in ages.items()
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(idempotent_request), rows)


async def keep_bucket(engine: AsyncEngine, key: str, *, unused_s: int) -> None:
    """Keep an empty bucket that nobody has asked for so long."""
    row = {
        "key": key,
        "burst": BUCKET.burst,
        "per_s": BUCKET.per_s,
        "tokens": 0,
        "granted": BUCKET.lease,
        "given_back": 0,
        "filled_at": datetime.now(UTC) - timedelta(seconds=unused_s),
    }
    async with engine.begin() as connection:
        await connection.execute(insert(rate_bucket), row)


async def opened(engine: AsyncEngine, make_parcel: MakeParcel) -> DeliveryId:
    """Return a delivery that was opened."""
    delivery_id, now = await make_parcel(), datetime.now(UTC)
    standing = Standing(DeliveryStatus.REQUESTED, EscrowStatus.NONE)
    event = EventKind.REQUEST_OPENED
    opening = Transition(delivery_id, "opened", event, PLATFORM, now, standing)
    await DatabaseRecords(engine, b"k" * 32).record(opening)
    return delivery_id


async def keep_attempts(
    engine: AsyncEngine, delivery_id: DeliveryId, person_id: str, ages: dict[str, timedelta]
) -> None:
    """Keep refused attempts to scan as if they had been made so long ago, each with its refusal."""
    now = datetime.now(UTC)
    rows = [
        {
            "attempt_id": new_id(),
            "delivery_id": delivery_id,
            "purpose": "pickup",
            "person_id": person_id,
            "level": "high",
            "method": "rotating",
            "outcome": "refused",
            "refusal": refusal,
            "attempted_at": now - age,
            "decided_at": now - age,
        }
        for refusal, age in ages.items()
    ]
    async with engine.begin() as connection:
        await connection.execute(insert(scan_attempt), rows)


async def test_keys_past_their_life_are_gone_and_fresh_ones_stay(
    engine: AsyncEngine, make_person: MakePerson
) -> None:
    person_id, life = await make_person("customer"), timedelta(seconds=SMALL_BATCHES.keys_s)
    minute = timedelta(minutes=1)
    old = {f"old-{number}": life + minute for number in range(5)}
    await keep_keys(engine, person_id, {**old, "young": life - minute, "new": timedelta()})
    assert (await DatabaseForgetting(engine, SMALL_BATCHES).forget()).keys >= len(old)
    left = select(idempotent_request.c.key).where(idempotent_request.c.person_id == person_id)
    async with engine.connect() as connection:
        assert set(await connection.scalars(left)) == {"young", "new"}


async def test_an_address_is_gone_once_its_bucket_is_full_again(engine: AsyncEngine) -> None:
    name = f"read:address:{new_id()}"
    await keep_bucket(engine, f"{name}:full", unused_s=110)
    await keep_bucket(engine, f"{name}:filling", unused_s=50)
    assert (await DatabaseForgetting(engine, SMALL_BATCHES).forget()).buckets >= 1
    left = select(rate_bucket.c.key).where(rate_bucket.c.key.startswith(name))
    async with engine.connect() as connection:
        assert list(await connection.scalars(left)) == [f"{name}:filling"]


async def test_attempts_to_scan_are_gone_once_nobody_can_dispute_them(
    engine: AsyncEngine, make_person: MakePerson, make_parcel: MakeParcel
) -> None:
    delivery_id, person_id = await opened(engine, make_parcel), await make_person("traveler")
    life, minute = timedelta(seconds=SMALL_BATCHES.attempts_s), timedelta(minutes=1)
    old = {"place_missing": life + minute, "code_wrong": life + minute}
    young = {"place_too_far": life - minute, "device_wrong": timedelta()}
    await keep_attempts(engine, delivery_id, person_id, {**old, **young})
    assert (await DatabaseForgetting(engine, SMALL_BATCHES).forget()).attempts >= len(old)
    left = select(scan_attempt.c.refusal).where(scan_attempt.c.delivery_id == delivery_id)
    async with engine.connect() as connection:
        assert set(await connection.scalars(left)) == set(young)


async def test_a_round_removes_no_more_than_its_share(
    engine: AsyncEngine, make_person: MakePerson
) -> None:
    person_id, policy = await make_person("customer"), ForgettingPolicy(batch_rows=1, batches_max=2)
    age = timedelta(seconds=policy.keys_s + 60)
    await keep_keys(engine, person_id, {f"old-{number}": age for number in range(3)})
    assert (await DatabaseForgetting(engine, policy).forget()).keys == 2
    assert (await DatabaseForgetting(engine).forget()).keys == 1
