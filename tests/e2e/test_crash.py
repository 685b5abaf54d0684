"""Processes die at the worst moment; every delivery still completes, with every cent once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from domain.ids import DeliveryId
from domain.transitions import OperationKind
from infra.demo.people import People
from infra.demo.scenes import agree, carry
from tests.e2e.conftest import System, running_system

ONCE = {"charge": 1, "transfer": 1, "payout": 1}


def silent(_: str) -> None:
    """Tell nobody."""


async def accept(people: People, delivery_id: DeliveryId, method: str) -> None:
    path = f"/v1/deliveries/{delivery_id}"
    offer = await people.traveler.post(f"{path}/offers", {"price_minor": 4_200})
    await people.customer.post(
        f"{path}/offers/{offer['offer_id']}/accept",
        {"payment_method": method, "price_minor": 4_200},
    )


async def crash_worker(system: System) -> None:
    await system.stack.kill("worker")
    await system.stack.start_child("worker")


async def finished(system: System, people: People, delivery_id: DeliveryId) -> dict[str, Any]:
    delivery: dict[str, Any] = await people.customer.until(delivery_id, "completed")
    assert await system.provider_counts(delivery_id) == ONCE
    await system.require_sound(delivery_id)
    return delivery


async def test_the_worker_dies_right_after_the_provider_accepted_the_charge(
    system: System,
) -> None:
    people = await system.people()
    delivery_id = await system.requested(people)
    await accept(people, delivery_id, "pm_sandbox_hang_after_success_60")
    await system.asked(delivery_id, OperationKind.CHARGE)
    await crash_worker(system)
    await people.customer.until(delivery_id, "awaiting_pickup")
    await carry(people, delivery_id, silent)
    await finished(system, people, delivery_id)


async def test_the_worker_dies_between_pickup_and_handover(system: System) -> None:
    people = await system.people()
    delivery_id = await system.requested(people)
    await agree(people, delivery_id, silent)
    path = f"/v1/deliveries/{delivery_id}"
    code = await people.customer.get(f"{path}/codes/pickup")
    await people.traveler.post(f"{path}/pickup", {"code": code["code"]})
    await system.stack.kill("worker")
    track = await people.customer.get(f"{path}/track")
    assert track["status"] == "in_transit"
    await system.stack.start_child("worker")
    shown = await people.phone.handover_code()
    await people.traveler.post(f"{path}/handover", {"code": shown})
    await finished(system, people, delivery_id)


async def test_the_worker_dies_right_after_the_transfer_was_accepted(system: System) -> None:
    people = await system.people("acct_sandbox_tomas_hang_after_success_60")
    delivery_id = await system.requested(people)
    await agree(people, delivery_id, silent)
    await carry(people, delivery_id, silent)
    await system.asked(delivery_id, OperationKind.TRANSFER)
    await crash_worker(system)
    await finished(system, people, delivery_id)


@pytest.mark.parametrize("part", ["api", "temporal", "postgres"])
async def test_another_part_dies_in_transit(system: System, part: str) -> None:
    people = await system.people()
    delivery_id = await system.requested(people)
    await agree(people, delivery_id, silent)
    await system.stack.kill(part)
    await system.stack.start_child(part)
    await system.engine.dispose()
    await carry(people, delivery_id, silent)
    await finished(system, people, delivery_id)


async def test_a_restart_of_everything_resumes_every_delivery(folder: Path) -> None:
    async with running_system(folder) as system:
        people = await system.people()
        delivery_id = await system.requested(people)
        await agree(people, delivery_id, silent)
    async with running_system(folder) as system:
        people = people.at(system.http, system.engine)
        await carry(people, delivery_id, silent)
        await finished(system, people, delivery_id)


async def test_of_two_hundred_scans_of_one_code_one_is_accepted(system: System) -> None:
    people = await system.people()
    delivery_id = await system.requested(people)
    await agree(people, delivery_id, silent)
    path = f"/v1/deliveries/{delivery_id}"
    code = (await people.customer.get(f"{path}/codes/pickup"))["code"]
    answers = await asyncio.gather(
        *(people.traveler.try_post(f"{path}/pickup", {"code": code}) for _ in range(200))
    )
    accepted = [answer for answer in answers if answer.is_success]
    refused = {answer.json()["code"] for answer in answers if not answer.is_success}
    assert len(accepted) == 1
    assert refused == {"code_already_used"}
    timeline = await people.customer.get(f"{path}/timeline")
    assert [event["kind"] for event in timeline["items"]].count("picked_up") == 1
    await system.require_sound(delivery_id)
