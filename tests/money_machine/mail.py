"""Brings the provider's events in, as badly as the post can, and waits until they are acted on."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import delete, text

from infra.database.schema import webhook_event
from tests.stripe_stand_in import DeliveryPlan, Json
from tests.waiting import until

if TYPE_CHECKING:
    from tests.money_machine.scene import Scene

_UNTOUCHED = text("""
SELECT count(*) FROM webhook_event
WHERE event_id = ANY (:event_ids) AND state = 'new' AND tries = 0
""")


async def bring_news(scene: Scene, copies: int, events: Sequence[Json] | None = None) -> None:
    """Deliver events so often and shuffled; return when each of them was acted on or put off."""
    webhooks = scene.lane.stand_in.webhooks
    given = list(webhooks.undelivered() if events is None else events)
    shuffle = random.Random(copies * 1_000 + len(given))  # noqa: S311 -- A test repeats it.
    for post in webhooks.posts(given, DeliveryPlan(copies=copies, shuffle=shuffle)):
        await scene.installation.intake.take("stripe", post.body, post.headers)
        post.event["pending_webhooks"] = 0
    await until(lambda: _is_acted_on(scene, given), patience_s=60)


async def forget_news(scene: Scene) -> None:
    """Forget that events ever came in, so that the same ones are acted on again."""
    ids = _ids(scene.lane.stand_in.events)
    async with scene.installation.engine.begin() as connection:
        await connection.execute(delete(webhook_event).where(webhook_event.c.event_id.in_(ids)))


async def _is_acted_on(scene: Scene, events: Iterable[Json]) -> bool:
    async with scene.installation.engine.connect() as connection:
        untouched = await connection.scalar(_UNTOUCHED, {"event_ids": _ids(events)})
    return not untouched


def _ids(events: Iterable[Json]) -> list[str]:
    return [str(event["id"]) for event in events]
