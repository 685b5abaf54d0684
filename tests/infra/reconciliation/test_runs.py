"""A run finds exactly what differs, once; it repairs nothing, and sees when somebody else has."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from activities.payment_ports import ProviderUnavailable
from activities.reconciliation_ports import AnotherRunIsOn
from domain.attention import AttentionKind
from domain.ids import PersonId
from domain.ledger import charge_booking, refund_booking
from domain.policies import ReconciliationPolicy
from domain.transitions import EventKind, PaymentOutcome
from infra.database.attention import DatabaseAttention
from infra.database.ledger import lines_of
from infra.identifiers import new_id
from infra.reconciliation.checks import standing_trouble
from infra.reconciliation.runs import DatabaseReconciliation
from tests.infra.database.intruder import Intruder
from tests.infra.database.story import PRICE, moment
from tests.infra.reconciliation.world import PART, StatementWith, World

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def test_a_clean_run_finds_nothing(world: World) -> None:
    await world.completed()
    await world.refunded()
    await world.held()
    report = await world.reconcile()
    assert report.found == {}
    assert report.waiting == 0
    assert report.balances_compared
    assert await world.items() == []
    # At Stripe there is no line of a payout, and every charge has a fee.
    lines, matched = (6, 6) if world.stripe is None else (5, 8)
    assert (report.statement.lines, report.statement.new) == (lines, lines)
    assert report.matched == matched


async def test_what_was_matched_is_not_looked_at_again(world: World) -> None:
    await world.completed()
    await world.reconcile()
    again = await world.reconcile()
    assert (again.matched, again.statement.new, again.found) == (0, 0, {})
    assert again.statement.lines > 0, "the end of the statement is read again"


async def test_an_empty_installation_is_clean(world: World) -> None:
    report = await world.reconcile()
    assert (report.found, report.statement.lines, report.balances_compared) == ({}, 0, True)


async def test_a_refund_by_hand_is_missing_in_the_ledger(world: World) -> None:
    story = await world.held()
    refund_id = await world.refund_by_hand(story, PART)
    assert (await world.reconcile()).found == {AttentionKind.MISSING_IN_LEDGER: 1}
    (item,) = await world.items()
    assert (item.kind, item.delivery_id) == ("missing_in_ledger", story.delivery_id)
    assert item.subject == f"refund {refund_id}"
    assert "EUR -1.00" in item.problem

    again = await world.reconcile()
    assert (again.raised, again.settled) == (0, 0)
    (seen,) = await world.items()
    assert seen.raised_at == item.raised_at
    assert seen.last_seen_at > item.last_seen_at

    await story.refunded_by_hand(refund_id, PART)
    mended = await world.reconcile()
    assert (mended.settled, mended.found) == (1, {})
    assert await world.open_items() == []


async def test_a_charge_whose_booking_is_missing_is_one_item_and_mended_by_the_booking(
    world: World,
) -> None:
    story = await world.story()
    await story.open()
    await story.agree()
    held = story.transition(
        EventKind.PAYMENT_HELD, moves={"status": "awaiting_pickup", "escrow": "held"}
    )
    await story.finish(story.charge, None, held)
    report = await world.reconcile()
    assert report.found == {AttentionKind.MISSING_IN_LEDGER: 1}
    (item,) = await world.open_items()
    assert item.subject.startswith("charge ")
    assert item.delivery_id == story.delivery_id

    await world.book(charge_booking(story.charge.operation_id, story.delivery_id, PRICE))
    fee = await story.fee()
    if fee is not None:
        await world.book(story.fee_booking(fee))
    mended = await world.reconcile()
    assert (mended.found, mended.settled) == ({}, 1)
    (settled,) = await world.items()
    assert settled.settlement.startswith("Gone at the reconciliation of ")
    assert settled.settled_by is None


async def test_a_booking_that_nothing_moved_for_is_missing_at_the_provider(world: World) -> None:
    story = await world.story()
    await story.unasked().held()
    report = await world.reconcile()
    assert report.found == {AttentionKind.MISSING_AT_PROVIDER: 1}
    (item,) = await world.open_items()
    assert (item.delivery_id, item.kind) == (story.delivery_id, "missing_at_provider")
    assert story.charge.operation_id in item.subject


async def test_another_amount_is_told_with_both_figures(world: World) -> None:
    story = await world.held()
    refund_id = await world.refund_by_hand(story, PART)
    await story.refunded_by_hand(refund_id, PART + PART)
    report = await world.reconcile()
    assert report.found == {AttentionKind.AMOUNT_DIFFERS: 1}
    (item,) = await world.open_items()
    assert "EUR -1.00" in item.problem
    assert "EUR -2.00" in item.problem


@pytest.mark.parametrize("world", ["stripe"], indirect=True)
async def test_a_transfer_that_left_twice_is_told_as_such(world: World) -> None:
    story = await world.held()
    await story.deliver()
    await story.begin_release()
    await world.transfer_behind_the_back(story)
    await story.transfer()
    await story.pay_out()
    report = await world.reconcile()
    assert report.found == {AttentionKind.MOVED_TWICE: 1}
    (item,) = await world.open_items()
    assert item.delivery_id == story.delivery_id


async def test_an_operation_that_nobody_knows_the_end_of_is_told_after_an_hour(
    world: World,
) -> None:
    story = await world.held()
    await story.begin_refund()
    await story.ask(story.refund_intent())
    soon = await world.reconcile()
    assert (soon.found, soon.waiting) == ({}, 1), "the refund at the provider is under way"
    report = await world.reconcile(later=2 * HOUR)
    assert report.found == {AttentionKind.OPERATION_STUCK: 1}
    (item,) = await world.open_items()
    assert item.subject == f"refund {story.refund_intent().operation_id}"
    assert (await world.reconcile(later=2 * HOUR)).raised == 0

    await story.refund()
    mended = await world.reconcile(later=2 * HOUR)
    assert (mended.found, mended.settled, await world.open_items()) == ({}, 1, [])


async def test_a_customer_who_takes_an_hour_to_answer_the_bank_is_no_trouble(
    world: World,
) -> None:
    story = await world.story()
    await story.open()
    await story.agree()
    await story.operations.mark_sent(story.charge)
    due = story.transition(EventKind.PAYMENT_UNSETTLED, moves={"status": "payment_due"})
    asked = story.charge, PaymentOutcome.REQUIRES_ACTION, "pi_asks", (), due
    await story.operations.finish(*asked)
    assert (await world.reconcile(later=2 * HOUR)).found == {}


async def test_a_payout_that_was_skipped_is_not_stuck_and_is_seen_when_it_left_after_all(
    world: World,
) -> None:
    story = await world.held()
    await story.deliver()
    await story.begin_release()
    await story.transfer()
    await story.operations.mark_sent(story.payout)
    await story.tell(EventKind.PAYOUT_SKIPPED, moves={"status": "completed"})
    assert (await world.reconcile(later=2 * HOUR)).found == {}
    if world.statement.covers_payouts:
        await story.ask(story.payout)
        report = await world.reconcile(later=2 * HOUR)
        assert report.found == {AttentionKind.MISSING_IN_LEDGER: 1}


async def test_money_is_not_held_for_longer_than_the_provider_allows(world: World) -> None:
    story = await world.held()
    assert (await world.reconcile(later=84 * DAY)).found == {}
    assert (await world.reconcile(later=86 * DAY)).found == {AttentionKind.HELD_TOO_LONG: 1}
    (item,) = await world.open_items()
    assert (item.subject, item.delivery_id) == ("held payment of EUR 42.00", story.delivery_id)
    await story.begin_refund()
    await story.refund()
    assert (await world.reconcile(later=86 * DAY)).settled == 1


async def test_a_payment_that_was_charged_anew_is_held_since_then(world: World) -> None:
    story = await world.held()
    await world.book(refund_booking("voided", story.delivery_id, PRICE))
    await world.book(charge_booking("anew", story.delivery_id, PRICE))
    async with world.engine.connect() as connection:
        policy = ReconciliationPolicy(held_s_max=0)
        (held,) = (await standing_trouble(connection, policy, moment())).held
        booked = [each.booked_at for each in await lines_of(connection, story.delivery_id)]
    assert held.since == booked[-1] > booked[0]


async def test_an_overdue_step_and_a_broken_invariant_are_told_apart(world: World) -> None:
    story = await world.held()
    an_hour_ago = {"deadline_kind": "provider", "deadline_at": moment() - HOUR}
    await story.tell(EventKind.ARRIVED, moves=an_hour_ago)
    await Intruder(story).run("UPDATE handover_code SET used_at = now() WHERE delivery_id = :id")
    report = await world.reconcile()
    assert report.found == {AttentionKind.STEP_OVERDUE: 1, AttentionKind.INVARIANT_BROKEN: 1}
    items = {item.kind: item for item in await world.open_items()}
    assert items["step_overdue"].delivery_id == story.delivery_id
    assert items["invariant_broken"].subject == "pickup code"
    assert items["invariant_broken"].problem == "I6: it was used up and its step was not taken."


async def test_what_a_person_has_explained_stays_settled_until_it_changes(world: World) -> None:
    story = await world.held()
    await world.refund_by_hand(story, PART)
    await world.reconcile()
    (item,) = await world.open_items()
    agent = PersonId(new_id())
    await DatabaseAttention(world.engine).settle_item(item.key, agent, "Agreed with the customer.")
    report = await world.reconcile()
    assert (report.raised, report.explained, report.needs_attention) == (0, 1, False)
    assert await world.open_items() == []
    # The platform explained it, not a person: that is no word on whether it may stay.
    await Intruder(story).run("UPDATE attention_item SET settled_by = NULL")
    assert (await world.reconcile()).raised == 1


async def test_what_lasts_comes_back_whatever_a_person_says(world: World) -> None:
    story = await world.held()
    await story.begin_refund()
    await story.operations.mark_sent(story.refund_intent())
    await world.reconcile(later=2 * HOUR)
    (item,) = await world.open_items()
    agent = PersonId(new_id())
    await DatabaseAttention(world.engine).settle_item(item.key, agent, "I am looking into it.")
    assert (await world.reconcile(later=2 * HOUR)).raised == 1


async def test_a_balance_that_nothing_explains_is_told(world: World) -> None:
    await world.held()
    has = dict(await world.statement.balances())
    world.statement = StatementWith(world.statement, {"EUR": has["EUR"] + 7, "MXN": 5})
    report = await world.reconcile()
    assert report.found == {AttentionKind.BALANCE_DIFFERS: 2}
    subjects = {item.subject: item.problem for item in await world.open_items()}
    assert "has 7 minor units of EUR more than" in subjects["balance in EUR"]
    assert "has 5 minor units of MXN more than" in subjects["balance in MXN"]


async def test_a_balance_that_was_explained_stays_so_while_money_moves(world: World) -> None:
    await world.held()
    before = world.statement
    world.statement = StatementWith(before, {"EUR": (await before.balances())["EUR"] - 7})
    await world.reconcile()
    (item,) = await world.open_items()
    agent = PersonId(new_id())
    await DatabaseAttention(world.engine).settle_item(item.key, agent, "Paid out last year.")
    await world.held()
    world.statement = StatementWith(before, {"EUR": (await before.balances())["EUR"] - 7})
    report = await world.reconcile()
    assert (report.explained, report.raised) == (1, 0)


async def test_a_balance_that_does_not_stand_still_is_not_compared(world: World) -> None:
    await world.held()
    world.statement = StatementWith(world.statement, {"EUR": 7})
    await world.reconcile()
    assert len(await world.open_items()) == 1
    world.statement = StatementWith(world.statement, {"EUR": 7}, moves=True)
    report = await world.reconcile()
    assert not report.balances_compared
    assert (report.settled, len(await world.open_items())) == (0, 1)


async def test_what_came_back_before_it_was_booked_is_no_difference(world: World) -> None:
    story = await world.held()
    await story.begin_refund()
    await story.ask(story.refund_intent())
    await world.fail_refund(story)
    assert (await world.reconcile()).found == {}


async def test_only_one_run_compares_at_a_time(world: World) -> None:
    async with world.engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(hashtext('reconciliation'))"))
        with pytest.raises(AnotherRunIsOn):
            await world.reconcile()
        await connection.execute(text("SELECT pg_advisory_unlock(hashtext('reconciliation'))"))
    assert (await world.reconcile()).found == {}


async def test_what_is_young_is_given_time(world: World) -> None:
    story = await world.held()
    await world.refund_by_hand(story, PART)
    world.policy = replace(world.policy, grace_s=600)
    report = await world.reconcile()
    assert (report.found, report.balances_compared) == ({}, True)
    assert report.waiting > 0
    assert (await world.reconcile(later=HOUR)).found == {AttentionKind.MISSING_IN_LEDGER: 1}


async def test_a_run_that_was_interrupted_goes_on_where_it_was(world: World) -> None:
    await world.completed()
    world.policy = replace(world.policy, window_s=3_600)
    world.statement = StatementWith(world.statement, fails_after=4)
    kept = DatabaseReconciliation(world.engine, world.statement, world.policy)
    with pytest.raises(ProviderUnavailable):
        await kept.read_statement("a run")
    world.statement.fails_after = None
    read = await kept.read_statement("a run")
    assert len(world.statement.windows) == len(set(world.statement.windows)) + 1
    assert read.until - read.since > timedelta(seconds=world.policy.lookback_s)
    assert (await kept.compare("a run")).found == {}
