"""Whoever is the danger reads along: a call for help looks to parties as a hold by staff does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.queries.proof_documents import seen_by
from api.views import delivery_view
from domain.holds.policy import HoldPolicy
from domain.identity.roles import Relation
from domain.status import DeliveryStatus
from infra.database.schema import person
from tests.api.client import Person
from tests.api.story import Cast, Story, done
from tests.api.test_audiences import sight
from tests.api.test_proof_documents import document, said_in
from tests.waiting import until

WHY = {"reason": "Fraud is reported."}


async def timeline(cast: Cast, reader: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = done(await reader.get(f"{cast.path}/timeline", limit=100))[
        "items"
    ]
    return items


async def read_by(cast: Cast, reader: Person) -> dict[str, Any]:
    """Return what a party reads of a delivery, with times as seconds since its last event."""
    told, view = await timeline(cast, reader), done(await reader.get(cast.path))
    last = datetime.fromisoformat(told[-1]["at"])
    clocks = done(await reader.get(f"{cast.path}/deadlines"))["deadlines"]
    said = said_in(await document(reader, cast))

    def since(moment: str) -> int:
        return round((datetime.fromisoformat(moment) - last).total_seconds())

    return {
        "standing": {name: view[name] for name in ("status", "on_hold", "needs_attention")},
        "clocks": [
            {**clock, "due_at": since(clock["due_at"])} for clock in [*clocks, view["deadline"]]
        ],
        "events": [(item["sequence"], item["kind"], item["actor_role"]) for item in told],
        "last": {name: told[-1][name] for name in ("kind", "actor_role", "status", "facts")},
        "document": (said["status"], len(said["events"]), since(said["as_of"])),
    }


async def test_a_call_is_read_of_as_a_hold_by_staff(story: Story) -> None:
    called, held = await story.picked_up(), await story.picked_up()
    operator = await story.person("operator")
    done(await called.traveler.post(f"{called.path}/sos"))
    done(await operator.post(f"{held.path}/hold", WHY))
    for name in ("customer", "recipient", "traveler"):
        seen, usual = [await read_by(cast, getattr(cast, name)) for cast in (called, held)]
        assert seen == usual
        assert usual["last"]["kind"] == "hold_placed"
        assert usual["clocks"][0]["due_at"] == HoldPolicy().reminder_s
    kinds = [item["kind"] for item in await timeline(called, called.agent)]
    assert kinds[-1] == "sos_called", "staff read what it is"
    for cast in (called, held):
        done(await operator.post(f"{cast.path}/resume", WHY))
    lifted = [(await timeline(cast, cast.customer))[-1] for cast in (called, held)]
    assert [set(item["facts"]) for item in lifted] == [{"lasted_s"}] * 2


async def test_a_call_during_a_hold_changes_nothing_that_parties_read(story: Story) -> None:
    cast = await story.picked_up()
    done(await cast.agent.post(f"{cast.path}/hold", WHY))
    before = await read_by(cast, cast.customer)
    done(await cast.recipient.post(f"{cast.path}/sos"))
    assert await read_by(cast, cast.customer) == before


async def test_a_party_who_works_here_reads_as_a_party(story: Story, engine: AsyncEngine) -> None:
    called, held = await story.picked_up(), await story.picked_up()
    ids = [cast.customer.person_id for cast in (called, held)]
    hired = update(person).where(person.c.person_id.in_(ids))
    async with engine.begin() as connection:
        await connection.execute(hired.values(roles=["customer", "operator"]))
    done(await called.traveler.post(f"{called.path}/sos"))
    done(await held.agent.post(f"{held.path}/hold", WHY))
    seen, usual = [await read_by(cast, cast.customer) for cast in (called, held)]
    assert seen["clocks"] == usual["clocks"]
    assert (seen["standing"], seen["document"]) == (usual["standing"], usual["document"])
    assert seen["last"] == {**usual["last"], "actor_role": "operator"}


async def test_a_dispute_shows_parties_the_clock_of_a_hold_by_staff(story: Story) -> None:
    cast = await story.disputed()
    done(await cast.traveler.post(f"{cast.path}/sos"))

    async def clock_of(reader: Person) -> str:
        return str(done(await reader.get(cast.dispute_path))["deadline"]["kind"])

    async def is_stopped() -> bool:
        return await clock_of(cast.agent) == "sos"

    await until(is_stopped)
    assert await clock_of(cast.customer) == "hold"
    listed = done(await cast.customer.get("/v1/disputes"))["items"]
    assert [item["deadline"]["kind"] for item in listed] == ["hold"]


@pytest.mark.parametrize("told", range(4))
def test_how_often_operators_were_told_moves_no_clock_of_parties(told: int) -> None:
    now = datetime.now(UTC)
    seen = sight(Relation.CUSTOMER, DeliveryStatus.IN_TRANSIT)
    delivery = replace(
        seen.delivery,
        deadline_kind="sos",
        deadline_at=now + timedelta(minutes=5 << told),
        attention="sos",
        held_since=now - timedelta(minutes=1),
    )
    view = delivery_view(replace(seen, delivery=delivery))
    assert view.deadline is not None
    assert (view.deadline.kind, view.needs_attention) == ("hold", False)
    assert view.deadline.due_at == now - timedelta(minutes=1) + timedelta(days=1)


def _event(kind: str, **facts: str) -> dict[str, Any]:
    return {"kind": kind, "said": {"facts": facts}}


AMONG_STAFF: Mapping[str, str] = {"concerns": "operator"}


@pytest.mark.parametrize(
    ("chain", "length"),
    [
        ([_event("picked_up"), _event("sos_called", **AMONG_STAFF)], 2),
        ([_event("hold_placed"), _event("sos_called", **AMONG_STAFF)], 1),
        ([_event("sos_called", **AMONG_STAFF), _event("sos_unanswered", **AMONG_STAFF)], 1),
        ([_event("hold_placed"), _event("hold_reminded"), _event("hold_overdue")], 1),
        ([_event("sos_called", **AMONG_STAFF), _event("override_asked", **AMONG_STAFF)], 1),
        ([_event("sos_called", **AMONG_STAFF), _event("hold_lifted")], 2),
        ([_event("picked_up"), _event("offer_withdrawn", concerns="traveler operator")], 2),
    ],
)
def test_what_is_among_staff_makes_a_document_of_parties_no_longer(
    chain: list[dict[str, Any]], length: int
) -> None:
    assert len(seen_by(chain, frozenset({Relation.CUSTOMER}))) == length
    assert seen_by(chain, frozenset({Relation.AGENT})) == chain
