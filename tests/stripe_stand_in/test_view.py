"""The stand-in's own books and its clock."""

from __future__ import annotations

import pytest
import stripe

from tests.stripe_stand_in import FeeSchedule, MovableClock, StripeStandIn
from tests.stripe_stand_in.clock import Agenda
from tests.stripe_stand_in.ledger import Balance
from tests.stripe_stand_in.payments import card_payment, paid_charge, traveler_account


async def test_what_lacks_metadata_is_found_through_its_charge(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    charge = await paid_charge(client)
    await client.v1.refunds.create_async({"charge": charge, "amount": 200})
    transfer = await client.v1.transfers.create_async(
        {"amount": 3_000, "currency": "eur", "destination": account, "source_transaction": charge}
    )
    await client.v1.transfers.reversals.create_async(transfer.id, {"amount": 1_000})
    await client.v1.payment_intents.create_async(
        card_payment(metadata={"delivery_id": "d2"}, transfer_group="d2")
    )

    moved = stand_in.view.moved(delivery_id="d1")

    assert (moved.captured, moved.refunded, moved.transferred, moved.reversed) == (
        4_200,
        200,
        2_000,
        1_000,
    )
    assert moved.left == 4_200 - 200 - 2_000 - 88
    assert stand_in.view.moved().captured == 8_400
    assert stand_in.view.moved(delivery_id="d3").left == 0


async def test_a_double_release_shows_as_money_from_the_platforms_pocket(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    account = await traveler_account(client, stand_in)
    charge = await paid_charge(client)
    await client.v1.refunds.create_async({"charge": charge})

    await client.v1.transfers.create_async(
        {"amount": 3_570, "currency": "eur", "destination": account, "source_transaction": charge}
    )

    assert stand_in.view.moved(delivery_id="d1").left == -88 - 3_570


async def test_a_reset_forgets_everything_and_keeps_the_address(
    client: stripe.StripeClient, stand_in: StripeStandIn
) -> None:
    charge = await paid_charge(client)
    url = stand_in.url

    stand_in.reset()

    assert (stand_in.url, stand_in.requests, stand_in.events) == (url, [], [])
    with pytest.raises(stripe.InvalidRequestError):
        await client.v1.charges.retrieve_async(charge)


@pytest.mark.parametrize(
    ("amount", "currency", "fee"),
    [(4_200, "eur", 63 + 25), (10, "eur", 10), (4_200, "jpy", 63 + 30), (4_200, "kwd", 60 + 80)],
)
def test_fees_are_exact(amount: int, currency: str, fee: int) -> None:
    assert FeeSchedule().of_charge(amount, currency) == fee


def test_the_clock_stops_at_every_appointment_on_its_way() -> None:
    clock = MovableClock(start=1_000)
    agenda = Agenda(clock)
    seen: list[tuple[str, int]] = []
    agenda.put(1_010, lambda: seen.append(("second", clock.now())))

    def first() -> None:
        seen.append(("first", clock.now()))
        agenda.put(clock.now() + 2, lambda: seen.append(("in between", clock.now())))

    agenda.put(1_005, first)
    agenda.move(20)

    assert seen == [("first", 1_005), ("in between", 1_007), ("second", 1_010)]
    assert clock.now() == 1_020
    with pytest.raises(ValueError, match="forward"):
        clock.move(-1)


def test_a_balance_counts_both_parts() -> None:
    assert Balance(available=-5, pending=12).total == 7
