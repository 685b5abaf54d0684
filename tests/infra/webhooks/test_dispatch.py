"""What becomes of each event, and that none is lost or acted on twice."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderEventKind
from activities.webhook_ports import DispatchReport
from domain.transitions import PaymentOutcome
from infra.webhooks.dispatch import CLAIMED_AT_ONCE, DatabaseWebhooks
from infra.webhooks.verdicts import (
    CLOSED,
    KNOWN,
    NOBODY,
    NOBODY_WAITS,
    NOT_OURS,
    NOT_RUNNING,
    NOT_SETTLED,
    WAITING_FOR_CHARGEBACK,
)
from tests.infra.database.story import Story
from tests.infra.webhooks.conftest import MakeStory
from tests.infra.webhooks.post_room import PostRoom, event
from tests.waiting import until

DISPUTE = ProviderEventKind.DISPUTE


def charge_of(story: Story) -> str:
    return story.charge.operation_id


async def pending(story: Story, provider_id: str) -> None:
    """Bring a delivery to a charge that the provider has not settled."""
    await story.open()
    await story.agree()
    await story.operations.mark_sent(story.charge)
    await story.operations.finish(story.charge, PaymentOutcome.PENDING, provider_id, (), None)


async def test_news_reaches_the_delivery_by_its_operation_once(
    post_room: PostRoom, make_story: MakeStory
) -> None:
    story, intent = await make_story(), f"pi_{uuid4().hex}"
    await pending(story, "")
    news = event("payment_intent.succeeded", intent, operation_id=charge_of(story))
    assert [await post_room.receive(news) for _ in range(3)] == [1, 0, 0]
    assert await post_room.dispatch() == DispatchReport(told=1)
    assert await post_room.receive(news) == 0
    assert await post_room.dispatch() == DispatchReport()
    assert post_room.addressees.deliveries == [(story.delivery_id, charge_of(story), intent)]
    row = await post_room.row(news)
    assert (row.state, row.note, row.delivery_id) == ("told", None, story.delivery_id)
    word = await post_room.word(intent)
    assert (word.name, word.operation_id) == ("payment_intent.succeeded", charge_of(story))


async def test_an_object_without_metadata_is_found_by_its_id(
    post_room: PostRoom, make_story: MakeStory
) -> None:
    story, intent = await make_story(), f"pi_{uuid4().hex}"
    await pending(story, intent)
    await post_room.receive(event("payment_intent.succeeded", intent))
    assert await post_room.dispatch() == DispatchReport(told=1)


async def test_a_refund_by_hand_is_found_by_its_charge(
    post_room: PostRoom, make_story: MakeStory
) -> None:
    story, intent = await make_story(), f"pi_{uuid4().hex}"
    await pending(story, intent)
    await post_room.receive(event("refund.created", "re_hand", charge_id=intent))
    assert await post_room.dispatch() == DispatchReport(told=1)
    assert post_room.addressees.deliveries == [(story.delivery_id, charge_of(story), "re_hand")]


async def test_an_event_that_is_ahead_of_our_commit_is_matched_later(
    post_room: PostRoom, make_story: MakeStory
) -> None:
    story, intent = await make_story(), f"pi_{uuid4().hex}"
    early = event("payment_intent.requires_action", intent)
    await post_room.receive(early)
    assert await post_room.dispatch() == DispatchReport(postponed=1)
    assert await post_room.dispatch() == DispatchReport(), "it waits for its next try"
    assert (await post_room.row(early)).note == NOT_OURS
    await pending(story, intent)
    await post_room.make_due()
    assert await post_room.dispatch() == DispatchReport(told=1)
    assert (await post_room.row(early)).tries == 2


async def test_an_event_that_nothing_ever_matches_is_dead_after_its_last_try(
    post_room: PostRoom, caplog: pytest.LogCaptureFixture
) -> None:
    foreign = event("payment_intent.succeeded", "pi_foreign", operation_id="another:charge")
    await post_room.receive(foreign)
    reports = []
    for _ in range(3):
        reports.append(await post_room.dispatch())
        await post_room.make_due()
    assert reports == [DispatchReport(postponed=1)] * 2 + [DispatchReport(dead=1)]
    row = await post_room.row(foreign)
    assert (row.state, row.note) == ("dead", f"given up after 3 tries: {NOT_OURS}")
    assert await post_room.dispatch() == DispatchReport()
    assert foreign.event_id in caplog.text
    assert await post_room.word("pi_foreign") is None


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("payment_intent.succeeded", KNOWN),
        ("payment_intent.created", NOBODY),
        ("charge.succeeded", NOBODY),
        ("customer.created", NOBODY),
    ],
)
async def test_what_needs_nobody_is_seen(
    post_room: PostRoom, held: Story, name: str, note: str
) -> None:
    kind = ProviderEventKind.OTHER if name.startswith("customer") else ProviderEventKind.CHARGE
    seen = event(name, "object", kind, operation_id=charge_of(held))
    await post_room.receive(seen)
    assert await post_room.dispatch() == DispatchReport(seen=1)
    assert (await post_room.row(seen)).note == note
    assert post_room.addressees.deliveries == []


async def test_a_charge_that_comes_undone_is_read_again_and_its_delivery_told(
    post_room: PostRoom, held: Story
) -> None:
    undone = event("payment_intent.canceled", "pi_1", operation_id=charge_of(held))
    await post_room.receive(undone)
    assert await post_room.dispatch() == DispatchReport(told=1)
    assert post_room.addressees.undone == [(charge_of(held), "pi_1")]
    assert [told[0] for told in post_room.addressees.deliveries] == [held.delivery_id]


@pytest.mark.parametrize("name", ["refund.failed", "refund.updated", "refund.declined"])
async def test_a_refund_that_may_have_come_undone_after_the_close_is_read_again(
    post_room: PostRoom, held: Story, name: str
) -> None:
    await held.begin_refund()
    await held.refund()
    refund = held.refund_intent().operation_id
    await post_room.receive(event(name, "re_1", operation_id=refund))
    assert await post_room.dispatch() == DispatchReport(told=1)
    assert post_room.addressees.undone == [(refund, "re_1")]
    assert post_room.addressees.deliveries == []


async def test_a_refund_that_fails_before_it_is_booked_waits_until_it_is(
    post_room: PostRoom, held: Story
) -> None:
    await held.begin_refund()
    refund = held.refund_intent()
    await held.operations.mark_sent(refund)
    failed = event("refund.failed", "re_1", operation_id=refund.operation_id)
    await post_room.receive(failed)
    assert await post_room.dispatch() == DispatchReport(postponed=1)
    assert (await post_room.row(failed)).note == NOT_SETTLED
    await held.refund()
    await post_room.make_due()
    assert await post_room.dispatch() == DispatchReport(told=1)
    assert post_room.addressees.undone == [(refund.operation_id, "re_1")]


async def test_other_news_of_a_closed_delivery_is_seen(post_room: PostRoom, held: Story) -> None:
    await held.begin_refund()
    await held.refund()
    late = event("payment_intent.processing", "pi_1", operation_id=charge_of(held))
    await post_room.receive(late)
    assert await post_room.dispatch() == DispatchReport(seen=1)
    assert (await post_room.row(late)).note == CLOSED


async def test_a_payout_that_the_provider_made_by_itself_is_for_people(
    post_room: PostRoom,
) -> None:
    paid = event("payout.paid", "po_1", account="acct_1")
    failed = event("payout.failed", "po_1", account="acct_1")
    await post_room.receive(paid, failed)
    assert await post_room.dispatch() == DispatchReport(told=1, seen=1)
    assert post_room.addressees.payouts == [("acct_1", "po_1")]


async def test_an_open_delivery_without_a_workflow_is_tried_again(
    post_room: PostRoom, held: Story
) -> None:
    post_room.addressees.running = False
    news = event("payment_intent.canceled", "pi_1", operation_id=charge_of(held))
    await post_room.receive(news)
    assert await post_room.dispatch() == DispatchReport(postponed=1)
    assert (await post_room.row(news)).note == NOT_RUNNING


async def test_a_delivery_that_closes_meanwhile_is_no_error(
    post_room: PostRoom, held: Story
) -> None:
    await held.begin_refund()
    post_room.addressees.close = held.refund
    news = event("refund.updated", "re_1", operation_id=held.refund_intent().operation_id)
    await post_room.receive(news)
    assert await post_room.dispatch() == DispatchReport(seen=1)
    assert (await post_room.row(news)).note == CLOSED


async def test_a_database_that_fails_has_the_whole_round_tried_again(
    post_room: PostRoom, held: Story
) -> None:
    post_room.addressees.faults = [OperationalError("", None, Exception("away"))]
    news = event("payment_intent.canceled", "pi_1", operation_id=charge_of(held))
    await post_room.receive(news)
    with pytest.raises(OperationalError):
        await post_room.dispatch()
    await post_room.make_due()
    assert await post_room.dispatch() == DispatchReport(told=1)


async def test_a_fault_of_one_event_keeps_no_other_from_its_delivery(
    post_room: PostRoom, held: Story
) -> None:
    post_room.addressees.faults = [ConnectionError("private words")]
    names = ("payment_intent.canceled", "payment_intent.requires_action")
    events = [event(name, "pi_1", operation_id=charge_of(held)) for name in names]
    await post_room.receive(*events)
    assert await post_room.dispatch() == DispatchReport(told=1, postponed=1)
    notes = {(await post_room.row(each)).note for each in events}
    assert notes == {None, "it could not be told: ConnectionError"}


async def test_a_dispute_starts_a_chargeback_about_its_charge(
    post_room: PostRoom, make_story: MakeStory
) -> None:
    story, intent = await make_story(), f"pi_{uuid4().hex}"
    await pending(story, intent)
    await post_room.receive(event("charge.dispute.created", "du_1", DISPUTE, charge_id=intent))
    assert await post_room.dispatch() == DispatchReport(told=1)
    assert post_room.addressees.chargebacks == [("stripe", charge_of(story), "du_1")]


async def test_a_dispute_that_nothing_takes_waits_in_sight(
    post_room: PostRoom, make_story: MakeStory, caplog: pytest.LogCaptureFixture
) -> None:
    story, intent = await make_story(), f"pi_{uuid4().hex}"
    await pending(story, intent)
    post_room.addressees.takes_chargebacks = False
    dispute = event("charge.dispute.created", "du_1", DISPUTE, charge_id=intent)
    await post_room.receive(dispute)
    assert await post_room.dispatch() == DispatchReport(waiting=1)
    row = await post_room.row(dispute)
    assert (row.state, row.note) == ("waiting", WAITING_FOR_CHARGEBACK)
    assert row.delivery_id == story.delivery_id
    assert "du_1 is waiting for chargeback" in caplog.text


async def test_news_of_an_account_reaches_the_deliveries_that_wait_for_it(
    post_room: PostRoom, make_story: MakeStory, engine: AsyncEngine
) -> None:
    account = f"acct_{uuid4().hex}"
    waiting, carrying = await make_story(), await make_story()
    for story in (waiting, carrying):
        await story.held()
        await story.deliver()
        async with engine.begin() as connection:
            await connection.exec_driver_sql(
                "UPDATE person SET payout_account = %s WHERE person_id = %s",
                (account, story.traveler_id),
            )
    await waiting.begin_release()
    news = event("account.updated", account, account=account)
    paid = event("payout.paid", "po_1", account=account)
    other = event("account.updated", "acct_other", account="acct_other")
    await post_room.receive(news, paid, other)
    assert await post_room.dispatch() == DispatchReport(told=2, seen=1)
    told = sorted(post_room.addressees.deliveries)
    assert told == sorted([(waiting.delivery_id, "", account), (waiting.delivery_id, "", "po_1")])
    assert (await post_room.row(other)).note == NOBODY_WAITS


async def test_a_round_is_bounded_and_workers_share_the_inbox(
    post_room: PostRoom, held: Story
) -> None:
    operation_id = charge_of(held)
    events = [
        event("payment_intent.canceled", f"pi_{number}", operation_id=operation_id)
        for number in range(3 * CLAIMED_AT_ONCE)
    ]
    await post_room.receive(*events)
    one, other = await asyncio.gather(post_room.dispatch(), post_room.dispatch())
    assert one.told <= CLAIMED_AT_ONCE
    assert other.told <= CLAIMED_AT_ONCE
    await post_room.dispatch_all()
    told = [object_id for _, _, object_id in post_room.addressees.deliveries]
    assert sorted(told) == sorted(each.object_id for each in events)


async def test_an_event_of_a_lost_worker_is_due_again(post_room: PostRoom, held: Story) -> None:
    await post_room.receive(event("payment_intent.canceled", "pi_1", operation_id=charge_of(held)))
    assert len(await post_room.inbox.claim(CLAIMED_AT_ONCE, 60)) == 1
    assert await post_room.dispatch() == DispatchReport(), "its worker may still be at it"
    await post_room.make_due()
    assert await post_room.dispatch() == DispatchReport(told=1)


async def test_a_new_event_wakes_the_dispatcher(
    post_room: PostRoom, held: Story, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.database.rounds.POLL_S", 600.0)
    webhooks: DatabaseWebhooks = post_room.webhooks()
    dispatching = asyncio.create_task(webhooks.dispatch(600))
    await until(lambda: _is_listening(engine))
    await post_room.receive(event("payment_intent.canceled", "pi_1", operation_id=charge_of(held)))
    assert await asyncio.wait_for(dispatching, 30) == DispatchReport(told=1)


async def _is_listening(engine: AsyncEngine) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN sendalong_webhooks'"
    async with engine.connect() as connection:
        return bool((await connection.exec_driver_sql(query)).scalar_one())
