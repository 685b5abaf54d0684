"""Many people at once: exactly one wins, the others learn why."""

from __future__ import annotations

import asyncio

import pytest
from httpx import Response

from api.gate import Gate
from tests.api.client import code_of
from tests.api.story import Story, done


async def test_of_two_acceptances_one_wins(story: Story) -> None:
    cast = await story.offered()
    rival = await story.traveler()
    other = done(await rival.post(f"{cast.path}/offers", {"price_minor": 4900}))
    prices = {cast.offer_id: 4200, other["offer_id"]: 4900}
    answers = await asyncio.gather(
        *(
            cast.customer.post(
                f"{cast.path}/offers/{offer_id}/accept",
                {"payment_method": "pm_sandbox_ok", "price_minor": price},
            )
            for offer_id, price in prices.items()
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_of_two_verdicts_one_counts(story: Story) -> None:
    cast = await story.disputed()
    other = await story.person("agent")
    answers = await asyncio.gather(
        cast.agent.post(f"{cast.dispute_path}/verdict", {"outcome": "refund"}),
        other.post(f"{cast.dispute_path}/verdict", {"outcome": "release"}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    lost = next(answer for answer in answers if answer.status_code == 409)
    assert code_of(lost) == "dispute_already_decided"
    await cast.until("refunded", "completed")


async def test_equal_requests_at_once_make_one_thing(story: Story) -> None:
    cast = await story.requested()

    async def offer() -> Response:
        return await cast.traveler.post(
            f"{cast.path}/offers", {"price_minor": 4200}, key="the-same"
        )

    answers = await asyncio.gather(*(offer() for _ in range(10)))
    early = [answer for answer in answers if not answer.is_success]
    assert len(early) < len(answers)
    assert {code_of(answer) for answer in early} <= {"request_in_flight"}
    offers = [*(answer for answer in answers if answer.is_success), await offer()]
    assert len({done(answer)["offer_id"] for answer in offers}) == 1
    listed = done(await cast.customer.get(f"{cast.path}/offers"))
    assert len(listed["items"]) == 1


async def test_a_gate_lets_few_through_and_forgets_empty_lines() -> None:
    gate, inside, most = Gate(2), 0, 0

    async def pass_through() -> None:
        nonlocal inside, most
        async with gate.through("one"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(pass_through() for _ in range(9)))
    assert most == 2
    assert len(gate) == 0


async def test_a_gate_keeps_nobody_waiting_without_end() -> None:
    gate = Gate(1)
    async with gate.through("one"):
        with pytest.raises(TimeoutError):
            async with gate.through("one", wait_s_max=0):
                raise AssertionError("there was no seat")
    async with gate.through("one", wait_s_max=0):
        pass
    assert len(gate) == 0
