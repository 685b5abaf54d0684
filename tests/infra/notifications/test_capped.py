"""Text messages cost money: no number, no country and no day gets more than its cap."""

from __future__ import annotations

import logging
from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.ports import MessageRefused, OutgoingMessage
from domain.identity.spending import SmsCaps
from domain.messages import Channel
from infra.database.schema import rate_bucket
from infra.identifiers import new_id
from infra.notifications.capped import CappedMessages
from infra.notifications.stored import StoredMessages
from infra.rate_buckets import RateBuckets

KEY = b"k" * 32


async def attempts(sender: CappedMessages, numbers: list[str]) -> Counter[str]:
    """Send one message to each number and count how it went."""
    ends: Counter[str] = Counter()
    for number in numbers:
        try:
            await sender.send(OutgoingMessage(new_id(), number, "", "Your code is 123456."))
            ends["sent"] += 1
        except MessageRefused as refused:
            ends[str(refused)] += 1
    return ends


@pytest.mark.parametrize(
    ("caps", "numbers", "refusal"),
    [
        (SmsCaps(number=3), ["+991000001"] * 5, "sms_cap_reached: number"),
        (SmsCaps(country=3), [f"+98100000{n}" for n in range(5)], "sms_cap_reached: country:+98"),
        (SmsCaps(overall=3), [f"+97{n}000000" for n in range(5)], "sms_cap_reached: overall"),
    ],
)
async def test_a_cap_stops_the_spending_and_says_so(
    engine: AsyncEngine,
    caplog: pytest.LogCaptureFixture,
    caps: SmsCaps,
    numbers: list[str],
    refusal: str,
) -> None:
    async with engine.begin() as connection:
        await connection.execute(rate_bucket.delete().where(rate_bucket.c.key.like("sms:%")))
    sender = CappedMessages(StoredMessages(engine, Channel.SMS), RateBuckets(engine), caps, KEY)
    with caplog.at_level(logging.ERROR):
        assert await attempts(sender, numbers) == {"sent": 3, refusal: 2}
    assert "reached their cap" in caplog.text
    async with engine.connect() as connection:
        keys = (await connection.scalars(select(rate_bucket.c.key))).all()
    assert not any(number in key for number in numbers for key in keys)
