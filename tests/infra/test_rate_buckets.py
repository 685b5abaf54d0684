"""Buckets of tokens in PostgreSQL: never more than there is, however many ask at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.limits import Bucket
from infra.database.schema import rate_bucket
from infra.database.tokens import create_token, revoke_tokens, token_hash
from infra.identifiers import new_id
from infra.rate_buckets import OF_PERSON, Asked, RateBuckets
from tests.conftest import MakePerson

SMALL = Bucket(burst=10, per_s=0.01, lease=3)


@pytest.fixture(scope="module")
async def buckets(database_url: str) -> AsyncIterator[RateBuckets]:
    buckets = RateBuckets.at(database_url)
    yield buckets
    await buckets.close()


async def pass_time(engine: AsyncEngine, key: str, seconds: int) -> None:
    """Let a bucket fill as if so much time had passed."""
    ago = text(f"filled_at - interval '{seconds} seconds'")
    async with engine.begin() as connection:
        await connection.execute(
            update(rate_bucket).where(rate_bucket.c.key == key).values(filled_at=ago)
        )


async def test_a_bucket_gives_what_it_holds_and_no_more(buckets: RateBuckets) -> None:
    name = f"test:{new_id()}"
    taken = [(await buckets.take([Asked(name, SMALL)], None))[name] for _ in range(5)]
    assert [each.tokens for each in taken] == [3, 3, 3, 1, 0]
    assert 90 < taken[-1].wait_s(SMALL) <= 100


async def test_many_at_once_get_no_more_than_there_is(buckets: RateBuckets) -> None:
    name = f"test:{new_id()}"
    taken = await asyncio.gather(*(buckets.take([Asked(name, SMALL)], None) for _ in range(30)))
    assert sum(each[name].tokens for each in taken) == SMALL.burst


async def test_a_bucket_fills_again_and_never_beyond(
    buckets: RateBuckets, engine: AsyncEngine
) -> None:
    name = f"test:{new_id()}"
    for _ in range(4):
        await buckets.take([Asked(name, SMALL)], None)
    await pass_time(engine, name, 200)
    assert (await buckets.take([Asked(name, SMALL)], None))[name].tokens == 2
    await pass_time(engine, name, 1_000_000)
    full = (await buckets.take([Asked(name, SMALL)], None))[name]
    assert (full.tokens, full.left) == (3, 7)


async def test_what_was_not_spent_is_given_back(buckets: RateBuckets) -> None:
    name = f"test:{new_id()}"
    await buckets.take([Asked(name, SMALL)], None)
    again = (await buckets.take([Asked(name, SMALL, given_back=3)], None))[name]
    assert again.left == pytest.approx(7, abs=0.1)


async def test_a_person_has_one_bucket_for_all_credentials(
    buckets: RateBuckets, engine: AsyncEngine, make_person: MakePerson
) -> None:
    person_id = await make_person("customer")
    first, second = [token_hash(await create_token(engine, person_id)) for _ in range(2)]
    name = f"test:{OF_PERSON}"
    one = (await buckets.take([Asked(name, SMALL)], first))[name]
    two = (await buckets.take([Asked(name, SMALL)], second))[name]
    assert (one.subject, two.subject) == (person_id, person_id)
    assert two.left == pytest.approx(4, abs=0.1)
    await revoke_tokens(engine, person_id)
    assert await buckets.take([Asked(name, SMALL)], first) == {}
