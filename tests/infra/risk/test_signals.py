"""Each signal of risk is read from the rows that stand for it, and from no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.handover.places import Fix
from domain.pricing import Place
from domain.risk.reasons import RiskReason
from domain.risk.signals import RiskSignals
from infra.identifiers import new_id
from tests.infra.risk.world import LONG_AGO, NOW, World

AGE_S = 400 * 86_400


async def signals_of(world: World, method: str | None = None) -> RiskSignals:
    found = (await world.read(method=method)).signals
    assert found.account_age_s is not None
    return replace(found, account_age_s=round(found.account_age_s / 86_400) * 86_400)


async def test_two_people_who_share_nothing_have_no_signal_but_their_age(world: World) -> None:
    assert await signals_of(world) == RiskSignals(account_age_s=AGE_S)


async def test_the_youngest_account_of_the_two_counts(world: World) -> None:
    young = await world.person(created_at=NOW - timedelta(hours=2))
    found = await world.read(carrier_id=young)
    assert found.signals.account_age_s == pytest.approx(7_200, abs=1_800)


async def test_a_card_that_both_have_paid_with_is_shared(world: World) -> None:
    await world.paid(world.delivery_id, "pm_1A")
    await world.paid(await world.delivered(world.tom), "pm_1A", "save")
    await world.paid(await world.delivered(world.tom), "pm_1B")
    assert (await signals_of(world)).shared_cards == 1


async def test_the_card_that_an_acceptance_names_is_compared_as_well(world: World) -> None:
    await world.paid(await world.delivered(world.tom), "pm_1A")
    assert (await signals_of(world)).shared_cards == 0
    assert (await signals_of(world, "pm_1A")).shared_cards == 1


async def test_a_card_of_an_earlier_delivery_is_the_customers_as_well(world: World) -> None:
    await world.paid(await world.delivered(world.ada), "pm_1A")
    await world.paid(await world.delivered(world.tom), "pm_1A")
    assert (await signals_of(world)).shared_cards == 1


async def test_payouts_and_cards_that_everybody_plays_with_are_not_shared(world: World) -> None:
    for method, kind in (
        ("pm_sandbox_ok", "charge"),
        ("pm_card_visa", "charge"),
        ("acct_1", "transfer"),
    ):
        await world.paid(world.delivery_id, method, kind)
        await world.paid(await world.delivered(world.tom), method, kind)
    assert (await signals_of(world)).shared_cards == 0


async def test_a_card_that_the_sandbox_names_is_one(world: World) -> None:
    await world.paid(world.delivery_id, "pm_sandbox_ok_card_blue")
    await world.paid(await world.delivered(world.tom), "pm_sandbox_ok_card_blue")
    assert (await signals_of(world)).shared_cards == 1


async def test_a_device_that_both_sides_have_used_is_shared(world: World) -> None:
    week = timedelta(days=7)
    await world.device(world.tom, "red", week)
    await world.device(world.tom, "blue", week)
    assert (await signals_of(world)).shared_devices == 0
    await world.device(world.ada, "red", week)
    assert (await signals_of(world)).shared_devices == 1


async def test_a_code_that_is_shown_on_the_travelers_own_device_is_shared(world: World) -> None:
    await world.device(world.tom, "red", timedelta(days=7))
    await world.held_code(await world.device(None, "red", timedelta(0)))
    assert (await signals_of(world)).shared_devices == 1


async def test_the_device_that_scans_has_an_age_and_may_be_younger_than_the_deal(
    world: World,
) -> None:
    await world.agreed(timedelta(hours=5))
    old = await world.device(world.tom, "old", timedelta(hours=6))
    new = await world.device(world.tom, "new", timedelta(hours=1))
    found = (await world.read(device_id=old)).signals
    assert found.devices_since_deal == 0
    assert found.device_age_s == pytest.approx(21_600, abs=1_800)
    found = (await world.read(device_id=new)).signals
    assert found.devices_since_deal == 1
    assert found.device_age_s == pytest.approx(3_600, abs=1_800)


async def test_the_last_position_of_any_parcel_the_traveler_carries_is_looked_at(
    world: World,
) -> None:
    other = await world.delivered(await world.person(), world.tom)
    await world.seen_at(world.delivery_id, 52.5, timedelta(hours=2))
    await world.seen_at(other, 48.1, timedelta(hours=1))
    await world.seen_at(other, 52.5, timedelta(minutes=-5))
    here = Fix(Place(52.5, 13.4), 10.0, NOW)
    # Munich to Berlin within an hour, as the crow flies.
    found = (await world.read(fix=here)).signals
    assert found.jump_km_h == pytest.approx(489, abs=10)
    assert found.mocked_positions == 0
    found = (await world.read(fix=replace(here, is_mock=True))).signals
    assert found.mocked_positions == 1
    later = replace(here, taken_at=NOW + timedelta(days=2))
    assert (await world.read(fix=later)).signals.jump_km_h is None


async def test_finished_tries_of_the_person_or_the_delivery_are_counted(world: World) -> None:
    minute, hours = timedelta(minutes=1), timedelta(hours=5)
    elsewhere = await world.delivered(await world.person(), world.tom)
    for refusal in ("code_wrong", "device_wrong", "code_already_used", "", "pending"):
        await world.tried(refusal, minute, elsewhere=elsewhere)
    await world.tried("place_too_far", hours)
    await world.tried("code_wrong", timedelta(hours=25))
    found = await signals_of(world)
    assert (found.attempts_of_hour, found.refusals_of_hour, found.refusals_of_day) == (4, 2, 3)
    # Somebody else who tried this delivery counts for it, as far as they are more.
    rival = await world.person()
    for _ in range(4):
        await world.tried("not_your_role", minute, rival)
    found = await signals_of(world)
    assert (found.attempts_of_hour, found.refusals_of_hour, found.refusals_of_day) == (4, 4, 5)


async def test_contacts_are_compared_by_their_index(world: World) -> None:
    friend = await world.person(email_lookup="aa", phone_lookup="bb")
    other = await world.person(email_lookup="cc")
    carried = await world.delivered(
        other, friend, recipient_phone_lookup="bb", recipient_email_lookup="-"
    )
    found = await world.read(delivery_id=carried, carrier_id=friend)
    assert found.signals.shared_contacts == 1
    twin = await world.person(email_lookup="aa")
    carried = await world.delivered(other, friend, recipient_id=twin)
    found = await world.read(delivery_id=carried, carrier_id=friend)
    assert found.signals.shared_contacts == 1


async def test_own_parcels_of_the_traveler_at_the_same_house_are_counted(world: World) -> None:
    carried = await world.delivered(
        world.ada, world.tom, pickup_latitude=52.5, pickup_longitude=13.4
    )
    await world.delivered(world.tom, destination_latitude=52.50009, destination_longitude=13.4001)
    await world.delivered(world.tom, pickup_latitude=52.5, pickup_longitude=13.41)
    found = await world.read(delivery_id=carried)
    assert found.signals.shared_addresses == 1


async def test_disputes_count_for_the_side_that_has_more_of_them(world: World) -> None:
    for outcome in ("release", "release", "refund"):
        await world.quarrel(await world.delivered(world.ada), world.ada, outcome)
    carried = await world.delivered(await world.person(), world.tom)
    await world.quarrel(carried, world.ada, "refund")
    found = await signals_of(world)
    assert (found.disputes_opened, found.disputes_lost) == (3, 2)


async def test_a_traveler_loses_what_is_refunded(world: World) -> None:
    customer = await world.person()
    await world.quarrel(await world.delivered(customer, world.tom), customer, "refund")
    await world.quarrel(await world.delivered(customer, world.tom), customer, "release")
    found = await signals_of(world)
    assert (found.disputes_opened, found.disputes_lost) == (0, 1)


async def test_what_is_long_over_or_about_this_delivery_itself_does_not_count(
    world: World,
) -> None:
    past = await world.delivered(world.ada)
    await world.quarrel(past, world.ada, "release", LONG_AGO)
    await world.quarrel(world.delivery_id, world.ada, "release")
    await world.taken_back(past, "lost", at=LONG_AGO)
    await world.struck(past, world.tom, LONG_AGO)
    assert await signals_of(world) == RiskSignals(account_age_s=AGE_S)


async def test_chargebacks_of_the_customer_count_unless_they_are_won_or_ours(world: World) -> None:
    past = await world.delivered(world.ada)
    await world.taken_back(past, "open")
    await world.taken_back(past, "lost")
    await world.taken_back(past, "won")
    await world.taken_back(past, "lost", "duplicate")
    await world.taken_back(await world.delivered(await world.person(), world.ada), "lost")
    assert (await signals_of(world)).chargebacks == 2


async def test_strikes_of_either_side_are_not_added_up(world: World) -> None:
    for _ in range(2):
        await world.struck(await world.delivered(world.ada), world.ada)
    await world.struck(await world.delivered(world.tom), world.tom)
    assert (await signals_of(world)).strikes == 2


async def test_the_end_of_the_hold_that_a_decision_placed_clears_what_staff_saw(
    world: World,
) -> None:
    decided = await world.decided("hold", 70, {"shared_device": 60, "account_new": 10})
    assert (await world.read()).cleared is None
    await world.happened("hold_placed", 6, risk_decision=decided)
    assert (await world.read()).cleared is None
    await world.happened("hold_lifted", 7, risk_decision=decided)
    cleared = (await world.read()).cleared
    assert cleared is not None
    assert cleared.score == 70
    assert cleared.reasons == {RiskReason.SHARED_DEVICE, RiskReason.ACCOUNT_NEW}


async def test_the_end_of_another_hold_clears_nothing_unless_it_names_the_decision(
    world: World,
) -> None:
    decided = await world.decided("refuse", 100, {"place_mocked": 60, "shared_device": 60})
    await world.happened("hold_lifted", 6)
    await world.happened("hold_lifted", 7, risk_decision=new_id(), lasted_s="1")
    assert (await world.read()).cleared is None
    await world.happened("hold_lifted", 8, risk_looked_at=decided)
    cleared = (await world.read()).cleared
    assert cleared is not None
    assert cleared.score == 100


async def test_what_was_cleared_for_one_traveler_is_not_for_the_next(world: World) -> None:
    decided = await world.decided("hold", 70, {"shared_device": 60})
    await world.happened("hold_lifted", 7, risk_decision=decided)
    assert (await world.read()).cleared is not None
    assert (await world.read(carrier_id=await world.person())).cleared is None


async def test_what_adds_nothing_while_the_hold_lasts_is_cleared_with_it(world: World) -> None:
    decided = await world.decided("hold", 70, {"shared_device": 60, "account_new": 10})
    await world.decided("hold", 60, {"shared_device": 60})
    await world.happened("hold_lifted", 7, risk_decision=decided)
    cleared = (await world.read()).cleared
    assert cleared is not None
    assert cleared.score == 70


@pytest.mark.parametrize(
    ("score", "points"),
    [(70, {"place_mocked": 60, "account_new": 10}), (75, {"shared_device": 75})],
)
async def test_whoever_has_added_something_is_looked_at_again(
    world: World, score: int, points: dict[str, int]
) -> None:
    decided = await world.decided("hold", 70, {"shared_device": 60, "account_new": 10})
    await world.decided("hold", score, points)
    await world.happened("hold_lifted", 7, risk_decision=decided)
    assert (await world.read()).cleared is None


async def test_a_request_that_was_let_pass_is_found_again(world: World) -> None:
    assert (await world.read()).allowed is None
    await world.decided("allow", 10, {"account_new": 10})
    allowed = (await world.read()).allowed
    assert allowed is not None
    assert (allowed.score, allowed.reasons) == (10, (RiskReason.ACCOUNT_NEW,))
