"""Invariant I7: whoever touches the audit trail leaves a trace."""

from __future__ import annotations

import pytest

from tests.infra.database.intruder import Intruder
from tests.infra.database.story import Story

CHANGED = "it was changed after it was written"


async def test_a_body_that_was_changed_is_named(intruder: Intruder) -> None:
    await intruder.rewrite(3, '"minor":4200', '"minor":1', hashes_too=False)
    assert await intruder.found() == {("I7", "event 3", CHANGED)}


async def test_a_body_that_was_changed_with_its_hash_breaks_the_next_link(
    intruder: Intruder,
) -> None:
    await intruder.rewrite(2, '"minor":4200', '"minor":1', hashes_too=True)
    problem = "it is not chained to the event before it"
    assert await intruder.found() == {("I7", "event 3", problem)}


async def test_the_last_event_is_held_by_the_projection(intruder: Intruder) -> None:
    await intruder.rewrite(9, '"key":"paid_out"', '"key":"nothing"', hashes_too=True)
    assert await intruder.found() == {
        ("I7", "event 9", "its columns say something else than its body"),
        ("I7", "projection", "its head is not its last event"),
    }


async def test_an_event_that_is_gone_is_missed(intruder: Intruder) -> None:
    await intruder.run("DELETE FROM event WHERE delivery_id = :id AND sequence = 2")
    assert ("I7", "event 3", "the event before it is missing") in await intruder.found()


async def test_a_tail_that_is_gone_is_missed(intruder: Intruder) -> None:
    await intruder.run("DELETE FROM event WHERE delivery_id = :id AND sequence = 9")
    assert await intruder.found() == {("I7", "projection", "its head is not its last event")}


async def test_a_delivery_without_its_events_or_events_without_it(intruder: Intruder) -> None:
    await intruder.run("DELETE FROM event WHERE delivery_id = :id AND sequence > 1")
    await intruder.run("DELETE FROM delivery WHERE delivery_id = :id")
    assert ("I7", "projection", "its delivery is gone") in await intruder.found()


async def test_a_projection_whose_events_are_all_gone(victim: Story) -> None:
    await victim.open()
    stripped = Intruder(victim)
    await stripped.run("DELETE FROM event WHERE delivery_id = :id")
    assert await stripped.found() == {("I7", "projection", "it has no events")}


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("kind = 'refunded'", "columns"),
        ("key = 'something else'", "columns"),
        ("at = at + interval '1 second'", "columns"),
        ("actor_id = NULL", "columns"),
        ("actor_role = 'agent'", "columns"),
    ],
)
async def test_columns_are_held_by_the_body(intruder: Intruder, change: str, column: str) -> None:
    await intruder.run(f"UPDATE event SET {change} WHERE delivery_id = :id AND sequence = 2")  # noqa: S608 -- A constant.
    assert await intruder.found() == {
        ("I7", "event 2", f"its {column} say something else than its body")
    }


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ("escrow = 'held'", "escrow"),
        ("dispute = 'open'", "dispute"),
        ("dispute_id = gen_random_uuid()", "dispute_id"),
        ("traveler_id = gen_random_uuid()", "traveler_id"),
        ("price_minor = 1", "price_minor"),
        ("deadline_kind = 'payment'", "deadline_kind"),
        ("deadline_at = now()", "deadline_at"),
        ("attention = 'pay_out'", "attention"),
    ],
)
async def test_the_projection_is_held_by_the_last_event(
    intruder: Intruder, change: str, column: str
) -> None:
    await intruder.run(f"UPDATE delivery SET {change} WHERE delivery_id = :id")  # noqa: S608 -- A constant.
    problem = f"it differs from its last event in {column}"
    assert ("I7", "projection", problem) in await intruder.found()


@pytest.mark.parametrize("garbage", ["", "{", "[]", "null"])
async def test_a_body_that_cannot_be_read_does_not_stop_the_check(
    intruder: Intruder, garbage: str
) -> None:
    await intruder.run(
        "UPDATE event SET body = :body WHERE delivery_id = :id AND sequence IN (3, 9)", body=garbage
    )
    found = await intruder.found()
    assert {("I7", "event 3", CHANGED), ("I7", "event 9", CHANGED)} <= found
    assert ("I7", "projection", "its last event cannot be read") in found
