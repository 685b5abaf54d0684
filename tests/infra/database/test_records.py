"""One transition is one transaction: everything it says is written, once, or nothing is."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import CodePurpose
from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId, OfferId, PersonId
from domain.money import Money
from domain.status import IllegalMove, OfferStatus
from domain.transitions import EventKind, Recorded
from infra.database.records import DatabaseRecords
from infra.database.schema import (
    delivery,
    dispute,
    event,
    handover_code,
    offer,
    payment_operation,
)
from infra.identifiers import new_id
from tests.conftest import MakeParcel, MakePerson
from tests.infra.database.story import KEY, Story, moment


async def _count(story: Story) -> int:
    query = select(func.count()).where(event.c.delivery_id == story.delivery_id)
    return int((await story.rows(query))[0][0])


async def _projection(story: Story) -> dict[str, object]:
    query = select(delivery).where(delivery.c.delivery_id == story.delivery_id)
    return dict((await story.rows(query))[0]._mapping)


async def test_the_first_transition_makes_the_projection_from_the_parcel(story: Story) -> None:
    assert await story.open() == 1
    row = await _projection(story)
    assert row["customer_id"] == story.customer.person_id
    assert (row["status"], row["escrow"], row["dispute"]) == ("requested", "none", "none")
    assert (row["currency"], row["head_sequence"], row["closed_at"]) == ("EUR", 1, None)


async def test_a_transition_moves_the_projection_and_closing_dates_it(story: Story) -> None:
    await story.open()
    due_at = moment() + timedelta(hours=1)
    await story.tell(
        EventKind.OFFER_SUBMITTED,
        story.traveler,
        offers=(story.offer(),),
        moves={"deadline_kind": "request", "deadline_at": due_at, "attention": "pay_out"},
    )
    row = await _projection(story)
    assert (row["deadline_kind"], row["deadline_at"]) == ("request", due_at)
    assert row["attention"] == "pay_out"
    closed_at = moment()
    await story.tell(EventKind.REQUEST_EXPIRED, moves={"status": "expired"}, at=closed_at)
    assert (await _projection(story))["closed_at"] == closed_at


async def test_the_chain_is_what_its_definition_says(story: Story) -> None:
    await story.open()
    await story.tell(EventKind.OFFER_SUBMITTED, story.traveler, offers=(story.offer(),))
    query = select(event).where(event.c.delivery_id == story.delivery_id).order_by("sequence")
    first, second = await story.rows(query)
    assert bytes(first.previous_hash) == sha256(story.delivery_id.encode()).digest()
    for row in (first, second):
        chained = bytes(row.previous_hash) + row.sequence.to_bytes(8, "big") + row.body.encode()
        assert bytes(row.hash) == sha256(chained).digest()
    assert bytes(second.previous_hash) == bytes(first.hash)
    body = json.loads(second.body)
    assert body["offers"][0]["price"] == {"currency": "EUR", "minor": 4_200}
    assert (body["kind"], body["actor"]["role"]) == ("offer_submitted", "traveler")


async def test_no_token_is_ever_written_to_the_audit_trail(story: Story) -> None:
    await story.held()
    await story.deliver()
    await story.begin_release()
    rows = await story.rows(select(event.c.body).where(event.c.delivery_id == story.delivery_id))
    assert not [body for (body,) in rows if "pm_sandbox" in body or "acct" in body]


async def test_texts_that_postgresql_cannot_keep_are_mended(story: Story) -> None:
    await story.open()
    await story.tell(EventKind.ATTENTION_RESOLVED, facts={"reason": "a\x00b \ud800"})
    query = select(event.c.body).where(event.c.delivery_id == story.delivery_id)
    bodies = [json.loads(body) for (body,) in await story.rows(query.order_by("sequence"))]
    assert bodies[-1]["facts"] == {"reason": "a\ufffdb ?"}


async def test_writing_a_key_again_returns_its_sequence_and_changes_nothing(story: Story) -> None:
    await story.open()
    transition = story.transition(
        EventKind.OFFER_SUBMITTED, story.traveler, offers=(story.offer(),)
    )
    first = await story.records.record(transition)
    later = replace(transition, offers=(story.offer(OfferStatus.WITHDRAWN),))
    assert await story.records.record(later) == first == Recorded(2)
    await story.open()
    assert await _count(story) == 2
    rows = await story.rows(select(offer.c.status).where(offer.c.offer_id == story.offer_id))
    assert rows[0][0] == "open"


async def test_offers_are_made_and_then_changed(story: Story) -> None:
    await story.open()
    await story.tell(EventKind.OFFER_SUBMITTED, story.traveler, offers=(story.offer(),))
    dearer = replace(story.offer(), price=Money(5_000, "EUR"), proposed_by="customer")
    await story.tell(EventKind.OFFER_COUNTERED, story.customer, offers=(dearer,))
    row = (await story.rows(select(offer).where(offer.c.offer_id == story.offer_id)))[0]
    assert (row.price_minor, row.proposed_by, row.status) == (5_000, "customer", "open")
    assert row.created_at < row.updated_at


async def test_codes_are_kept_as_digests(story: Story) -> None:
    await story.held()
    before = await story.code_row(CodePurpose.PICKUP)
    code = await story.code(CodePurpose.PICKUP)
    stored = " ".join(str(value) for value in before)
    assert code.pin not in stored
    assert code.text not in stored


async def test_a_code_that_is_issued_again_replaces_the_one_before(story: Story) -> None:
    await story.held()
    before = await story.code(CodePurpose.PICKUP)
    again: dict[str, Any] = {
        "codes_issued": (CodePurpose.PICKUP,),
        "codes_valid_until": moment(),
    }
    await story.tell(EventKind.ATTENTION_RESOLVED, key="again", **again)
    after = await story.code(CodePurpose.PICKUP)
    assert after.text != before.text
    await story.tell(EventKind.ATTENTION_RESOLVED, key="again", **again)
    assert (await story.code(CodePurpose.PICKUP)).text == after.text


async def test_an_intent_is_written_before_anything_is_asked(story: Story) -> None:
    await story.open()
    await story.agree()
    query = select(payment_operation).where(payment_operation.c.delivery_id == story.delivery_id)
    row = (await story.rows(query))[0]
    assert (row.operation_id, row.kind, row.state) == (
        f"{story.delivery_id}:charge",
        "charge",
        "intent",
    )
    assert (row.amount_minor, row.currency, row.first_sent_at) == (4_200, "EUR", None)


async def test_a_dispute_and_its_verdict_have_a_row(story: Story) -> None:
    await story.held()
    await story.deliver()
    dispute_id = await story.dispute()
    row = (await story.rows(select(dispute).where(dispute.c.dispute_id == dispute_id)))[0]
    assert (row.reason, row.status, row.opened_by_role) == ("damaged", "open", "customer")
    await story.decide("split", 1_200)
    row = (await story.rows(select(dispute).where(dispute.c.dispute_id == dispute_id)))[0]
    assert (row.status, row.outcome, row.note) == ("decided", "split", "seen the photos")
    assert (row.refund_minor, row.release_minor) == (1_200, 3_000)
    assert row.decided_at is not None


async def test_a_status_that_cannot_follow_is_a_fault(story: Story) -> None:
    await story.open()
    with pytest.raises(IllegalMove):
        await story.tell(EventKind.HANDED_OVER, moves={"status": "delivered"})
    with pytest.raises(IllegalMove):
        await story.tell(EventKind.VERDICT_GIVEN, moves={"dispute": "decided"})
    assert await _count(story) == 1


async def test_the_held_payment_has_one_way_out(story: Story) -> None:
    await story.held()
    await story.begin_refund()
    with pytest.raises(Refusal) as refused:
        await story.begin_release()
    assert refused.value.code is RefusalCode.ESCROW_CONFLICT
    assert "refunding" in refused.value.message


@pytest.mark.parametrize(
    "standing",
    [{"status": "unheard_of"}, {"escrow": "unheard_of"}, {"price": Money(100, "USD")}],
)
async def test_a_standing_that_means_nothing_is_a_fault(
    story: Story, standing: dict[str, object]
) -> None:
    await story.open()
    with pytest.raises(IllegalMove):
        await story.tell(EventKind.ARRIVED, moves=standing)
    assert await _count(story) == 1


async def test_a_delivery_must_be_opened_first_and_from_a_parcel(
    engine: AsyncEngine, story: Story
) -> None:
    with pytest.raises(IllegalMove, match="never opened"):
        await story.agree()
    stranger = Story(engine, DeliveryId(new_id()), story.customer, story.traveler)
    with pytest.raises(IllegalMove, match="no parcel"):
        await stranger.open()


async def test_what_the_database_refuses_for_good_names_the_rule_and_no_value(
    story: Story,
) -> None:
    await story.open()
    nobody = replace(story.offer(), traveler_id=PersonId(new_id()))
    with pytest.raises(IllegalMove, match="offer_traveler_id_fkey") as fault:
        await story.tell(EventKind.OFFER_SUBMITTED, story.traveler, offers=(nobody,))
    assert nobody.traveler_id not in str(fault.value)
    assert await _count(story) == 1


async def test_an_offer_of_another_delivery_is_not_touched(
    story: Story, make_parcel: MakeParcel
) -> None:
    await story.open()
    await story.tell(EventKind.OFFER_SUBMITTED, story.traveler, offers=(story.offer(),))
    other = Story(story.engine, await make_parcel(), story.customer, story.traveler)
    await other.open()
    foreign = replace(story.offer(OfferStatus.REFUSED), offer_id=story.offer_id)
    await other.tell(EventKind.OFFER_COUNTERED, story.traveler, offers=(foreign,))
    rows = await story.rows(select(offer.c.status).where(offer.c.offer_id == story.offer_id))
    assert rows[0][0] == "open"


async def test_many_first_transitions_at_once_open_a_delivery_once(
    story: Story, crowd: AsyncEngine
) -> None:
    records = DatabaseRecords(crowd, KEY)
    transition = story.transition(EventKind.REQUEST_OPENED, story.customer)
    opened = await asyncio.gather(*(records.record(transition) for _ in range(40)))
    assert set(opened) == {Recorded(1)}
    assert await _count(story) == 1


async def test_many_writers_of_one_key_write_it_once_and_all_learn_where(
    story: Story, crowd: AsyncEngine
) -> None:
    await story.held()
    records = DatabaseRecords(crowd, KEY)
    moves = {"status": "refunding", "escrow": "refunding"}
    transition = story.transition(
        EventKind.REFUND_STARTED, story.customer, moves=moves, intent=story.refund_intent()
    )
    recorded = await asyncio.gather(*(records.record(transition) for _ in range(40)))
    assert len(set(recorded)) == 1
    assert await _count(story) == recorded[0].sequence


async def test_many_keys_at_once_are_chained_without_a_gap(
    story: Story, crowd: AsyncEngine, make_person: MakePerson
) -> None:
    await story.open()
    records = DatabaseRecords(crowd, KEY)
    traveler_id = await make_person("traveler")
    offers = [
        replace(story.offer(), traveler_id=traveler_id, offer_id=OfferId(new_id()))
        for _ in range(40)
    ]
    transitions = [
        story.transition(EventKind.OFFER_SUBMITTED, key=f"offer:{n}", offers=(made,))
        for n, made in enumerate(offers)
    ]
    recorded = await asyncio.gather(*(records.record(made) for made in transitions))
    assert sorted(one.sequence for one in recorded) == list(range(2, 42))


async def test_codes_rest_on_a_nonce_of_their_own(story: Story) -> None:
    await story.held()
    await story.pick_up()
    rows = await story.rows(
        select(handover_code.c.nonce).where(handover_code.c.delivery_id == story.delivery_id)
    )
    assert len({bytes(nonce) for (nonce,) in rows}) == 2
