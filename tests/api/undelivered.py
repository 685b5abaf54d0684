"""Plays failed handovers through the API."""

from __future__ import annotations

from typing import Any

from tests.api.counting import Counter
from tests.api.story import BERLIN, MUNICH, Story, done

AT_THE_DOOR = {name: MUNICH[name] for name in ("latitude", "longitude")} | {"accuracy_m": 9.5}
FAR_AWAY = {name: BERLIN[name] for name in ("latitude", "longitude")} | {"accuracy_m": 9.5}


def absent(**changes: Any) -> dict[str, Any]:
    """Return the report that nobody was there."""
    return {"reason": "recipient_absent", "position": AT_THE_DOOR, **changes}


async def play_undelivered(story: Story, counter: Counter) -> None:
    """Report each thing that can go wrong at the door, and bring one parcel back."""
    left = await story.picked_up(undeliverable_action="neighbour")
    await counter.post(left.traveler, f"{left.path}/check-in", {})
    await counter.post(left.traveler, f"{left.path}/handover-failed", absent())
    await counter.post(left.traveler, f"{left.path}/left", {"where": "neighbour"})
    lost = await story.picked_up()
    await counter.post(lost.customer, f"{lost.path}/loss", {"kind": "lost"})
    back = await story.picked_up()
    await counter.post(back.traveler, f"{back.path}/handover-failed", absent())
    code = done(await back.customer.get(f"{back.path}/codes/return"))["code"]
    await counter.post(back.traveler, f"{back.path}/return", {"code": code})
