"""What breaks an invariant is found and named, even when the database's own guards were off."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from domain.contracts import CodePurpose
from domain.ids import DeliveryId
from domain.ledger import refund_booking
from domain.money import Money
from domain.transitions import EventKind, PaymentOutcome
from infra.database.invariants import check_invariants
from infra.identifiers import new_id
from tests.infra.database.intruder import Intruder
from tests.infra.database.story import Story


async def test_a_delivery_that_went_well_breaks_nothing(completed: Story) -> None:
    report = await check_invariants(completed.engine, completed.delivery_id)
    assert (report.deliveries, report.violations) == (1, ())
    assert "I1 holds" in str(report)
    assert "BROKEN" not in str(report)


async def test_refunds_and_splits_break_nothing(victim: Story) -> None:
    await victim.held()
    await victim.begin_refund()
    await victim.refund()
    report = await check_invariants(victim.engine, victim.delivery_id)
    assert report.violations == ()


async def test_a_split_breaks_nothing(victim: Story) -> None:
    await victim.held()
    await victim.deliver()
    await victim.dispute()
    await victim.decide("split", 1_200)
    refund = victim.refund_intent(Money(1_200, "EUR"))
    moves = {"status": "settling", "escrow": "splitting"}
    await victim.tell(EventKind.SPLIT_STARTED, intent=refund, moves=moves)
    transfer = victim.transfer_intent(Money(2_700, "EUR"), Money(300, "EUR"))
    refunded = victim.transition(EventKind.SHARE_REFUNDED, intent=transfer)
    await victim.finish(refund, victim.refund_booking(Money(1_200, "EUR")), refunded)
    moves = {"status": "paying_out", "escrow": "split"}
    released = victim.transition(EventKind.RELEASED, moves=moves)
    booking = victim.release_booking(Money(2_700, "EUR"), Money(300, "EUR"))
    await victim.finish(transfer, booking, released)
    report = await check_invariants(victim.engine, victim.delivery_id)
    assert report.violations == ()


async def test_the_whole_database_is_checked_by_default(intruder: Intruder, victim: Story) -> None:
    await victim.open()
    await intruder.run("UPDATE delivery SET status = 'expired' WHERE delivery_id = :id")
    report = await check_invariants(victim.engine)
    assert report.deliveries > 1
    assert (
        f"I7 broken: delivery {intruder.story.delivery_id}: projection: "
        "it differs from its last event in status"
    ) in str(report).splitlines()
    assert victim.delivery_id not in str(report)


async def test_a_delivery_that_does_not_exist_breaks_nothing(completed: Story) -> None:
    report = await check_invariants(completed.engine, DeliveryId(new_id()))
    assert (report.deliveries, report.violations) == (0, ())


async def test_i1_an_entry_that_was_changed(intruder: Intruder) -> None:
    await intruder.run(
        "UPDATE ledger_entry SET amount_minor = amount_minor - 100 WHERE account_id = :account",
        account=f"escrow:{intruder.story.delivery_id}:EUR",
    )
    found = await intruder.found()
    charge = f"ledger transaction {intruder.story.charge.operation_id}"
    assert ("I1", charge, "debits and credits differ by -100 EUR") in found
    escrow = f"account escrow:{intruder.story.delivery_id}:EUR"
    assert ("I1", escrow, "its balance is 0 and its entries sum to 200") in found


async def test_i1_a_transaction_whose_entries_are_gone(intruder: Intruder) -> None:
    await intruder.run(
        "DELETE FROM ledger_entry USING ledger_transaction AS booked "
        "WHERE booked.transaction_id = ledger_entry.transaction_id "
        "AND booked.delivery_id = :id AND booked.kind = 'payout'"
    )
    payout = f"ledger transaction {intruder.story.payout.operation_id}"
    assert ("I1", payout, "it has no entries") in await intruder.found()


async def test_i1_a_balance_that_was_changed(intruder: Intruder) -> None:
    escrow = f"escrow:{intruder.story.delivery_id}:EUR"
    await intruder.run(
        "UPDATE ledger_account SET balance_minor = 7 WHERE account_id = :account", account=escrow
    )
    found = await intruder.found()
    problem = "its balance is 7 and its entries sum to 0"
    assert ("I1", f"account {escrow}", problem) in found
    held = "the delivery is completed and still holds 7 EUR"
    assert ("I2", f"account {escrow}", held) in found


async def test_i2_more_that_left_than_came_in(intruder: Intruder) -> None:
    await intruder.run(
        "UPDATE ledger_entry SET amount_minor = CASE WHEN amount_minor > 0 THEN 3000 ELSE -3000 END "
        "FROM ledger_transaction AS booked WHERE booked.transaction_id = ledger_entry.transaction_id "
        "AND booked.delivery_id = :id AND booked.kind = 'charge'"
    )
    escrow = f"account escrow:{intruder.story.delivery_id}:EUR"
    assert ("I2", escrow, "1200 EUR left that never came in") in await intruder.found()


async def test_i3_two_outcomes_of_one_held_payment(intruder: Intruder) -> None:
    story = intruder.story
    await intruder.run(
        "INSERT INTO payment_operation SELECT :new, delivery_id, 'refund', 1, 0, currency, '', "
        "'', '', 'succeeded', outcome, detail, :new, now(), now(), now() "
        "FROM payment_operation WHERE operation_id = :charge",
        new=f"{story.delivery_id}:refund",
        charge=story.charge.operation_id,
    )
    both = "it was both refunded and transferred, and never split"
    assert ("I3", "held payment", both) in await intruder.found()


async def test_i3_each_payment_of_a_delivery_that_was_opened_again_has_one_outcome(
    intruder: Intruder,
) -> None:
    story = intruder.story
    await intruder.run(
        "INSERT INTO event SELECT delivery_id, 99, 'reopened', 'reopened', actor_role, actor_id, at, "
        "body, previous_hash, hash FROM event WHERE delivery_id = :id AND sequence = 1"
    )
    refund = (
        "INSERT INTO payment_operation SELECT :new, delivery_id, 'refund', 1, 0, currency, '', "
        ":source, '', 'succeeded', outcome, detail, :new, now(), now(), now() "
        "FROM payment_operation WHERE operation_id = :charge"
    )
    charge, new = story.charge.operation_id, f"{story.delivery_id}:refund"
    both = ("I3", "held payment", "it was both refunded and transferred, and never split")
    await intruder.run(refund, new=f"{new}:1", source=f"{charge}:earlier", charge=charge)
    assert both not in await intruder.found()
    await intruder.run(refund, new=f"{new}:2", source=charge, charge=charge)
    assert both in await intruder.found()


async def test_i3_an_audit_trail_with_two_outcomes(intruder: Intruder) -> None:
    await intruder.rewrite(8, '"escrow":"released"', '"escrow":"refunded"', hashes_too=True)
    found = await intruder.found()
    assert ("I3", "held payment", "it ended refunded and released") in found
    assert ("I7", "event 9", "it is not chained to the event before it") in found
    assert ("I7", "event 9", "escrow cannot go from refunded to released") in found


async def test_i4_a_success_that_was_never_booked(victim: Story) -> None:
    await victim.open()
    await victim.agree()
    await victim.operations.finish(
        victim.charge, PaymentOutcome.SUCCEEDED, f"ch_{new_id()}", (), None
    )
    subject = f"payment operation {victim.charge.operation_id}"
    assert ("I4", subject, "it succeeded and is not booked") in await Intruder(victim).found()


async def test_i4_a_booking_that_nobody_asked_for(victim: Story) -> None:
    await victim.held()
    stray = refund_booking(f"{victim.delivery_id}:stray", victim.delivery_id, Money(100, "EUR"))
    other = victim.refund_intent(Money(50, "EUR"))
    await victim.tell(EventKind.REFUND_STARTED, intent=other, moves={"escrow": "refunding"})
    await victim.operations.finish(other, PaymentOutcome.SUCCEEDED, new_id(), (stray,), None)
    found = await Intruder(victim).found()
    subject = f"ledger transaction {victim.delivery_id}:stray"
    assert ("I4", subject, "no payment operation of this delivery asked for it") in found


async def test_i4_a_booking_of_another_amount(intruder: Intruder) -> None:
    operation_id = intruder.story.payout.operation_id
    await intruder.run(
        "UPDATE payment_operation SET amount_minor = 1 WHERE operation_id = :payout",
        payout=operation_id,
    )
    problem = "it moved 1 and 3780 is booked"
    assert ("I4", f"payment operation {operation_id}", problem) in await intruder.found()


async def test_i4_one_provider_object_settles_one_operation(intruder: Intruder) -> None:
    with pytest.raises(IntegrityError, match="payment_operation_provider_id_key"):
        await intruder.run(
            "UPDATE payment_operation SET provider_id = :shared "
            "WHERE delivery_id = :id AND kind IN ('transfer', 'payout')",
            shared=f"object_{new_id()}",
        )


async def test_i4_what_the_sandbox_made_without_being_asked(intruder: Intruder) -> None:
    made = f"re_{new_id()}"
    await intruder.run(
        "INSERT INTO sandbox_operation "
        "(operation_id, kind, request_hash, charge_id, amount_minor, currency, provider_id) "
        "VALUES (:operation, 'refund', '', '', 5, 'EUR', :made)",
        operation=f"{intruder.story.delivery_id}:refund:9",
        made=made,
    )
    problem = "no payment operation asked for it"
    assert ("I4", f"provider object {made}", problem) in await intruder.found()


async def test_i5_a_release_without_a_handover(victim: Story) -> None:
    await victim.held()
    await victim.pick_up()
    intruder = Intruder(victim)
    await intruder.run("UPDATE delivery SET status = 'delivered' WHERE delivery_id = :id")
    await victim.begin_release()
    await victim.transfer()
    found = await intruder.found()
    subject = f"payment operation {victim.transfer_intent().operation_id}"
    assert ("I5", subject, "it left without a handover, a verdict or an approved override") in found
    assert ("I7", "event 6", "status cannot go from in_transit to releasing") in found


async def test_i5_a_refund_after_pickup_without_a_verdict(victim: Story) -> None:
    await victim.held()
    await victim.pick_up()
    intruder = Intruder(victim)
    await intruder.run("UPDATE delivery SET status = 'awaiting_pickup' WHERE delivery_id = :id")
    await victim.begin_refund()
    await victim.refund()
    subject = f"payment operation {victim.refund_intent().operation_id}"
    problem = "it went back after pickup without a verdict"
    assert ("I5", subject, problem) in await intruder.found()


async def test_i5_a_release_in_spite_of_an_open_dispute(victim: Story) -> None:
    await victim.held()
    await victim.deliver()
    await victim.dispute()
    await victim.begin_release()
    await victim.operations.mark_sent(victim.transfer_intent())
    subject = f"payment operation {victim.transfer_intent().operation_id}"
    assert ("I5", subject, "it left before the verdict") in await Intruder(victim).found()


async def test_i5_a_payment_that_no_event_asked_for(intruder: Intruder) -> None:
    story = intruder.story
    await intruder.rewrite(
        8, f'"operation_id":"{story.payout.operation_id}"', '"operation_id":"x"', hashes_too=False
    )
    subject = f"payment operation {story.payout.operation_id}"
    assert ("I5", subject, "no event asked for it") in await intruder.found()


async def test_i6_a_code_that_was_accepted_twice(victim: Story) -> None:
    await victim.held()
    await victim.pick_up()
    intruder = Intruder(victim)
    await intruder.run("UPDATE handover_code SET used_at = NULL WHERE delivery_id = :id")
    await victim.scan(CodePurpose.PICKUP, transition=victim.picked_up(key="again"))
    assert ("I6", "pickup code", "it was accepted 2 times") in await intruder.found()


async def test_i6_a_step_without_its_code_and_a_code_without_its_step(intruder: Intruder) -> None:
    await intruder.run(
        "UPDATE handover_code SET used_at = NULL WHERE delivery_id = :id AND purpose = 'pickup'"
    )
    await intruder.run("DELETE FROM event WHERE delivery_id = :id AND kind = 'handed_over'")
    found = await intruder.found()
    assert ("I6", "pickup code", "its step was taken without it") in found
    assert ("I6", "handover code", "it was used up and its step was not taken") in found


async def test_i8_a_provider_s_step_that_nobody_was_told_of(intruder: Intruder) -> None:
    await intruder.run(
        "UPDATE delivery SET deadline_kind = 'provider', attention = NULL, "
        "deadline_at = now() - interval '1 hour' WHERE delivery_id = :id"
    )
    overdue = [problem for name, _, problem in await intruder.found() if name == "I8"]
    assert len(overdue) == 1
    assert overdue[0].endswith("and nobody was alerted")


OPEN_CORRECTION = """
INSERT INTO correction (correction_id, delivery_id, kind, status, amount_minor, currency, {columns}
    deadline_kind, deadline_at, ordered_by_role, ordered_at, updated_at)
VALUES (gen_random_uuid(), :id, '{kind}', '{status}', 100, 'EUR', {values}
    '{clock}', now() - interval '1 hour', 'agent', now(), now())
"""


def opened(kind: str, status: str, clock: str, **more: str) -> str:
    columns = "".join(f"{name}, " for name in more)
    values = "".join(f"{value}, " for value in more.values())
    return OPEN_CORRECTION.format(
        kind=kind, status=status, clock=clock, columns=columns, values=values
    )


async def test_a_correction_whose_provider_is_overdue_without_an_alert_is_found(
    intruder: Intruder,
) -> None:
    await intruder.run(opened("compensation", "moving", "provider"))
    (found,) = await intruder.found()
    assert (found[0], found[1].split()[0]) == ("I8", "correction")


async def test_a_closed_delivery_holds_no_more_than_what_waits_to_be_given_again(
    intruder: Intruder,
) -> None:
    await intruder.run(
        "UPDATE ledger_account SET balance_minor = 101 WHERE kind = 'escrow' AND owner = :owner",
        owner=str(intruder.story.delivery_id),
    )
    again = {"bearer": "'customer'", "undone_operation_id": "'of nobody'"}
    held = {problem for name, _, problem in await intruder.found() if name == "I2"}
    assert held == {"the delivery is completed and still holds 101 EUR"}
    await intruder.run(opened("refund_again", "waiting", "refund_again", **again))
    assert {name for name, _, _ in await intruder.found()} == {"I1", "I2"}
    await intruder.run("UPDATE correction SET amount_minor = 101 WHERE delivery_id = :id")
    assert {name for name, _, _ in await intruder.found()} == {"I1"}


async def test_money_that_moves_after_the_fact_names_the_order_it_is_from(
    intruder: Intruder,
) -> None:
    refund = f"{intruder.story.delivery_id}:refund:0199c0de-0000-7000-8000-000000000001"
    await intruder.run(
        """INSERT INTO payment_operation (operation_id, delivery_id, kind, amount_minor, currency,
            method, source_operation_id, request_hash, state, created_at, beyond_held)
        VALUES (:refund, :id, 'refund', 100, 'EUR', '', '', 'x', 'sent', now(), true)""",
        refund=refund,
    )
    assert await intruder.found() == {
        ("I5", f"payment operation {refund}", "no event asked for it")
    }
