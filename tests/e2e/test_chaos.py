"""A small run of chaos: every part is killed once, and the harness itself sees what is wrong."""

from __future__ import annotations

from pathlib import Path

from activities.payment_ports import Operation
from domain.money import Money
from domain.transitions import OperationKind
from infra.local_stack.program import Part
from tests.chaos.checks import check_everything
from tests.chaos.plan import Clocks, make_plan
from tests.chaos.run import chaos_stack, run_chaos, world_of

DELIVERIES, SEED, SECONDS_MAX = 9, 20, 240


def silent(_: str) -> None:
    """Tell nobody."""


async def test_every_part_dies_once_and_no_cent_is_lost_or_doubled(folder: Path) -> None:
    plan = make_plan(DELIVERIES, SEED, Clocks(inspection_s=6))
    async with chaos_stack(plan, folder, silent) as stack, world_of(stack) as world:
        report = await run_chaos(plan, stack, world, silent, SECONDS_MAX)
        assert report.violations == []
        assert report.toll.kills + report.toll.kills_at_rest == dict.fromkeys(Part, 1)
        assert all(ending.is_closed for ending in report.endings)

        cheated = report.endings[0]
        again = Operation(OperationKind.CHARGE, f"{cheated.delivery_id}:charge:9")
        await world.provider.charge(again, Money(1_230, "EUR"), "pm_sandbox_ok")
        found = (await check_everything(world, stack.client, report.endings)).violations
        assert any("the provider has 1 x charge of 1230 too many" in each for each in found)
        assert any(each.startswith("I4 broken") for each in found)
