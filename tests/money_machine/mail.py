"""Brings the provider's events in, as badly as the post can, and waits until they are acted on."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy import text

from infra.webhooks.inbox import INBOX_CHANNEL
from infra.webhooks.readers import readers_of
from tests.stripe_stand_in import DeliveryPlan, Json, WebhookPost

if TYPE_CHECKING:
    from tests.money_machine.scene import Scene

PATIENCE_S = 60
"""Longest wait until all news is acted on."""
PAUSE_S = 0.1
_UNTOUCHED = text("""
SELECT EXISTS (SELECT FROM webhook_event
    WHERE event_id = ANY (:event_ids) AND state = 'new' AND tries = 0)
""")
_OPEN = text("""
SELECT EXISTS (SELECT FROM webhook_event WHERE event_id = ANY (:event_ids) AND state = 'new')
""")
_PUT_OFF = text("""
UPDATE webhook_event SET due_at = now()
WHERE event_id = ANY (:event_ids) AND state = 'new'
RETURNING event_id, tries, CAST(pg_notify(:channel, '') AS text)
""")
_TRIES = text("SELECT event_id, tries FROM webhook_event WHERE state = 'new'")
_FORGET = text("DELETE FROM webhook_event WHERE event_id = ANY (:event_ids)")


async def bring_news(scene: Scene, copies: int) -> None:
    """Deliver what was not accepted yet; return when each event was acted on or put off."""
    for post in _posts(scene, scene.lane.stand_in.webhooks.undelivered(), copies):
        await scene.installation.intake.take("stripe", post.body, post.headers)
        post.event["pending_webhooks"] = 0
    await _acted_on(scene)


async def hurry_news(scene: Scene) -> None:
    """Have each event that was put off looked at once more now; return when it was."""
    values = {"event_ids": _ids(scene.lane.stand_in.events), "channel": INBOX_CHANNEL}
    async with scene.installation.reading.begin() as connection:
        rows = (await connection.execute(_PUT_OFF, values)).all()
    before = {row.event_id: row.tries for row in rows}
    async with asyncio.timeout(PATIENCE_S):
        while await _are_waiting(scene, before):
            await asyncio.sleep(PAUSE_S)


async def has_open_refunds(scene: Scene) -> bool:
    """Tell whether some news of a refund is neither booked nor known to mean nothing."""
    events = [event for event in scene.lane.stand_in.events if "refund" in str(event["type"])]
    async with scene.installation.reading.connect() as connection:
        return bool(await connection.scalar(_OPEN, {"event_ids": _ids(events)}))


async def _are_waiting(scene: Scene, before: dict[str, int]) -> bool:
    """Tell whether an event still waits for its next look."""
    if not before:
        return False
    async with scene.installation.reading.connect() as connection:
        rows = (await connection.execute(_TRIES)).all()
    return any(before.get(row.event_id) == row.tries for row in rows)


async def bring_everything_again(scene: Scene, copies: int) -> None:
    """Deliver every event there ever was to an inbox that has forgotten it, all at once."""
    await forget_news(scene)
    posts = _posts(scene, scene.lane.stand_in.events, copies)
    read = readers_of(scene.installation.settings)["stripe"].parse_webhook
    events = [read(post.body, post.headers) for post in posts]
    await scene.installation.inbox.receive("stripe", events, "webhook")
    await _acted_on(scene)


def _posts(scene: Scene, events: Sequence[Json], copies: int) -> list[WebhookPost]:
    """Return the posts of events, each so often and all shuffled."""
    shuffle = random.Random(copies * 1_000 + len(events))  # noqa: S311 -- A test repeats it.
    plan = DeliveryPlan(copies=copies, shuffle=shuffle)
    return list(scene.lane.stand_in.webhooks.posts(events, plan))


async def forget_news(scene: Scene) -> None:
    """Forget that events ever came in, so that the same ones are acted on again."""
    ids = _ids(scene.lane.stand_in.events)
    async with scene.installation.reading.begin() as connection:
        await connection.execute(_FORGET, {"event_ids": ids})


async def _acted_on(scene: Scene) -> None:
    """Wait until no event is left that nobody has looked at."""
    ids = _ids(scene.lane.stand_in.events)
    async with asyncio.timeout(PATIENCE_S):
        while await _is_untouched(scene, ids):
            await asyncio.sleep(PAUSE_S)


async def _is_untouched(scene: Scene, ids: list[str]) -> bool:
    async with scene.installation.reading.connect() as connection:
        return bool(await connection.scalar(_UNTOUCHED, {"event_ids": ids}))


def _ids(events: Iterable[Json]) -> list[str]:
    return [str(event["id"]) for event in events]
