"""What only serves requests is forgotten once it has served, and not before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.forgetting import ForgettingPolicy
from domain.identity.limits import Bucket
from infra.database.schema import idempotent_request, rate_bucket
from infra.forgetting import DatabaseForgetting
from infra.identifiers import new_id
from tests.conftest import MakePerson

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


async def test_a_round_removes_no_more_than_its_share(
    engine: AsyncEngine, make_person: MakePerson
) -> None:
    person_id, policy = await make_person("customer"), ForgettingPolicy(batch_rows=1, batches_max=2)
    age = timedelta(seconds=policy.keys_s + 60)
    await keep_keys(engine, person_id, {f"old-{number}": age for number in range(3)})
    assert (await DatabaseForgetting(engine, policy).forget()).keys == 2
    assert (await DatabaseForgetting(engine).forget()).keys == 1
