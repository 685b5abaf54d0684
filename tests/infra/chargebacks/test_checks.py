"""Every cent that a card network took is accounted for, and a crime against that is found."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.invariants import check_invariants
from tests.infra.chargebacks.conftest import Disputed
from tests.infra.chargebacks.test_records import lost, opened
from tests.infra.database.conftest import begin_story


@pytest.fixture
async def victim(scene: AsyncEngine) -> Disputed:
    """A delivery at the scene whose payment was charged back and lost."""
    disputed = Disputed(await begin_story(scene))
    await disputed.story.held()
    await disputed.announce()
    await disputed.records.write(opened(disputed))
    await disputed.records.write(lost(disputed))
    return disputed


async def problems(disputed: Disputed) -> list[str]:
    report = await check_invariants(disputed.story.engine, disputed.story.delivery_id)
    return [each.problem for each in report.violations if each.subject.startswith("chargeback")]


@pytest.mark.parametrize(
    ("crime", "problem"),
    [
        ("withdrawn_minor = 1", "it shows 1 taken and 4200 is booked"),
        ("status = 'won'", "it is won and booked as lost"),
        ("status = 'open', decided_at = NULL", "it is open and booked as lost"),
    ],
)
async def test_a_row_that_says_something_else_is_found(
    victim: Disputed, crime: str, problem: str
) -> None:
    assert await problems(victim) == []
    async with victim.story.engine.begin() as connection:
        await connection.execute(
            text(f"UPDATE chargeback SET {crime} WHERE chargeback_id = :id"),  # noqa: S608 -- A constant of this file.
            {"id": victim.chargeback_id},
        )
    assert await problems(victim) == [problem]


async def test_a_loss_that_nobody_bears_is_found(scene: AsyncEngine) -> None:
    disputed = Disputed(await begin_story(scene))
    await disputed.story.held()
    await disputed.announce()
    await disputed.records.write(opened(disputed))
    async with disputed.story.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE chargeback SET status = 'lost', decided_at = now() WHERE chargeback_id = :id"
            ),
            {"id": disputed.chargeback_id},
        )
    assert await problems(disputed) == ["it is lost and nobody bears 4200"]
