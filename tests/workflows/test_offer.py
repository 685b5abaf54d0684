"""Offers: who may do what, who wins, and what happens when nobody accepts."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sqlalchemy import select
from temporalio.client import WorkflowUpdateFailedError

from domain.status import DeliveryStatus, OfferStatus
from infra.database.schema import offer
from tests.workflows.play import Play, refusal_of


async def statuses(play: Play) -> dict[str, str]:
    rows = await play.read(
        select(offer.c.traveler_id, offer.c.status).where(
            offer.c.delivery_id == play.order.delivery_id
        )
    )
    return {str(row[0]): row[1] for row in rows}


async def test_a_request_that_nobody_accepts_expires_and_refuses_open_offers(play: Play) -> None:
    await play.open()
    await play.submit()
    await play.pass_time(timedelta(days=7, seconds=1))
    assert await play.closed() is DeliveryStatus.EXPIRED
    assert await play.events() == ["request_opened", "offer_submitted", "request_expired"]
    assert await statuses(play) == {play.traveler.person_id: OfferStatus.REFUSED}


async def test_accepting_one_offer_refuses_the_rest(play: Play) -> None:
    await play.open()
    await play.submit()
    await play.submit(by=play.rival, price_minor=3_900)
    standing = await play.accept()
    assert standing.status == DeliveryStatus.ACCEPTED
    assert standing.traveler_id == play.traveler.person_id
    assert await statuses(play) == {
        play.traveler.person_id: OfferStatus.ACCEPTED,
        play.rival.person_id: OfferStatus.REFUSED,
    }
    assert await refusal_of(play.submit(by=play.rival)) == "wrong_state"
    await play.reach(DeliveryStatus.AWAITING_PICKUP)


async def test_a_counter_offer_must_be_answered_by_the_traveler(play: Play) -> None:
    await play.open()
    await play.submit(price_minor=4_200)
    await play.counter(play.customer, 3_500)
    assert await refusal_of(play.accept()) == "offer_awaits_other_side"
    await play.counter(play.traveler, 3_500)
    standing = await play.accept()
    assert standing.price is not None
    assert standing.price.amount_minor == 3_500
    await play.reach(DeliveryStatus.AWAITING_PICKUP)


async def test_a_withdrawn_offer_cannot_be_accepted_and_another_may_be_made(play: Play) -> None:
    await play.open()
    await play.submit()
    first = play.offers[play.traveler]
    await play.withdraw(play.traveler)
    assert await refusal_of(play.accept()) == "offer_closed"
    await play.submit()
    assert play.offers[play.traveler] != first
    await play.accept()
    await play.reach(DeliveryStatus.AWAITING_PICKUP)


async def test_of_two_offers_accepted_at_once_exactly_one_wins(play: Play) -> None:
    await play.open()
    await play.submit()
    await play.submit(by=play.rival)
    answers = await asyncio.gather(
        play.accept(), play.accept(of=play.rival), return_exceptions=True
    )
    refused = [answer for answer in answers if isinstance(answer, WorkflowUpdateFailedError)]
    assert len(refused) == 1
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    assert sorted((await statuses(play)).values()) == [OfferStatus.ACCEPTED, OfferStatus.REFUSED]


async def test_a_refused_offer_leaves_no_history(play: Play) -> None:
    await play.open()
    before = len((await play.handle.fetch_history()).events)
    assert await refusal_of(play.submit(price_minor=1)) == "price_out_of_range"
    assert await refusal_of(play.submit(by=play.customer)) == "own_delivery"
    assert len((await play.handle.fetch_history()).events) == before
    await play.cancel()


async def test_the_customer_cancels_a_request(play: Play) -> None:
    await play.open()
    await play.submit()
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert await play.events() == ["request_opened", "offer_submitted", "cancelled"]
