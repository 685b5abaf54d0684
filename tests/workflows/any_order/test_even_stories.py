"""The stories of the even numbers: whatever anybody sends at whatever time, the delivery closes."""

from __future__ import annotations

from tests.workflows.any_order.conftest import Tell
from tests.workflows.any_order.registry import KINDS_MIN


async def test_whatever_is_sent_every_delivery_closes(tell: Tell) -> None:
    lives = await tell(0)
    assert len(lives.taken) >= KINDS_MIN, lives.taken
