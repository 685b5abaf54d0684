"""What may be corrected: by whom, when, how much, and who bears it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import PLATFORM, Actor, AttentionAction, ResolveAttention, Role
from domain.correcting.again import DoneByHand, check_again, check_done_by_hand
from domain.correcting.events import FOR_STAFF, Fact, correction_event, correction_of
from domain.correcting.extra_costs import AnswerCost, check_consent, check_taking_back, event_of
from domain.correcting.plans import OPENING, booking_of, intents_of, reversal_of, void_of_tip
from domain.correcting.policy import CostReason
from domain.correcting.rules import (
    AFTER_UNDOING,
    OF_DEBTS,
    ORDERED_BY,
    SKIPPABLE_IN_CORRECTIONS,
    CorrectionKind,
    CorrectionOrder,
    CorrectionStanding,
    CorrectionStatus,
    DeliveryMoney,
    check_amount,
    check_correction,
    check_resolve,
)
from domain.details import correction_details
from domain.errors import Refusal, RefusalCode
from domain.ids import CorrectionId, DeliveryId, PersonId
from domain.ledger import Bearer
from domain.money import Money
from domain.status import CLOSED, DeliveryStatus
from domain.transitions import EventKind, OperationKind
from workflows.correction_steps import LATE_STEPS

K = CorrectionKind
UNDER_WAY = {
    DeliveryStatus.AWAITING_PICKUP,
    DeliveryStatus.IN_TRANSIT,
    DeliveryStatus.ARRIVED,
    DeliveryStatus.RETURNING,
}
CUSTOMER, TRAVELER = PersonId("customer"), PersonId("traveler")
AGENT = Actor(Role.AGENT, PersonId("agent"))
NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


REFUND = CorrectionOrder(
    CorrectionId("c"),
    DeliveryId("d"),
    K.GOODWILL_REFUND,
    AGENT,
    eur(1_000),
    DeliveryStatus.COMPLETED,
    CUSTOMER,
    TRAVELER,
    bearer=Bearer.TRAVELER,
)
TIP = replace(
    REFUND,
    kind=K.TIP,
    actor=Actor(Role.CUSTOMER, CUSTOMER),
    bearer=None,
    payment_method="pm_sandbox_ok",
)
COST = replace(
    REFUND,
    kind=K.EXTRA_COST,
    actor=Actor(Role.TRAVELER, TRAVELER),
    status=DeliveryStatus.IN_TRANSIT,
    bearer=None,
    cost_reason=CostReason.TOLL,
    reference="A9-118",
)
DEBT = replace(REFUND, kind=K.WRITE_OFF, bearer=None, debtor=Bearer.TRAVELER)
MONEY = DeliveryMoney(
    price=eur(4_200),
    charge_id="d:charge:1",
    paid=eur(4_200),
    gone_back=eur(200),
    traveler_owes=eur(1_000),
    customer_owes=eur(0),
    tips=eur(3_000),
    tips_tried=1,
    transfer_id="d:transfer",
    reversible=eur(700),
)


def refusal(order: CorrectionOrder, money: DeliveryMoney = MONEY) -> RefusalCode | None:
    """Return why an order is refused, or none."""
    try:
        check_correction(order)
        check_amount(order, money)
    except Refusal as refused:
        return refused.code
    return None


@pytest.mark.parametrize("kind", CorrectionKind)
@pytest.mark.parametrize("role", Role)
def test_each_kind_is_ordered_by_its_own_people_only(kind: CorrectionKind, role: Role) -> None:
    order = replace(
        REFUND,
        kind=kind,
        actor=Actor(role, PersonId("somebody")),
        debtor=Bearer.TRAVELER,
        reference="17",
        amount=eur(1),
    )
    is_refused = refusal(order) is RefusalCode.NOT_YOUR_ROLE
    assert is_refused == (role not in ORDERED_BY.get(kind, ()))


def test_what_comes_undone_is_ordered_by_nobody() -> None:
    assert set(ORDERED_BY) == set(CorrectionKind) - AFTER_UNDOING
    assert set(OPENING) == set(ORDERED_BY)


@pytest.mark.parametrize("person_id", [CUSTOMER, TRAVELER])
def test_staff_correct_nothing_of_their_own(person_id: PersonId) -> None:
    own = replace(REFUND, actor=Actor(Role.AGENT, person_id))
    assert refusal(own) is RefusalCode.NOT_YOUR_ROLE


@pytest.mark.parametrize("status", DeliveryStatus)
def test_money_comes_after_the_delivery_s_own_ways_out(status: DeliveryStatus) -> None:
    tipped = {DeliveryStatus.COMPLETED, DeliveryStatus.SETTLED}
    wrong = RefusalCode.WRONG_STATE
    assert (refusal(replace(REFUND, status=status)) is wrong) == (status not in CLOSED)
    assert (refusal(replace(TIP, status=status)) is wrong) == (status not in tipped)
    assert refusal(replace(DEBT, status=status)) is None
    assert (refusal(replace(COST, status=status)) is wrong) == (status not in UNDER_WAY)


@pytest.mark.parametrize(
    ("order", "most"),
    [
        (REFUND, 4_000),
        (replace(REFUND, kind=K.COMPENSATION, bearer=None), 4_200),
        (TIP, 1_200),
        (DEBT, 1_000),
        (COST, 2_100),
        (replace(DEBT, kind=K.DUES_PAID, reference="17"), 1_000),
    ],
)
def test_each_kind_has_its_bound_to_the_last_cent(order: CorrectionOrder, most: int) -> None:
    invalid = RefusalCode.CORRECTION_AMOUNT_INVALID
    assert refusal(replace(order, amount=eur(most))) is None
    for amount_minor in (most + 1, 0, -1, 10**30):
        assert refusal(replace(order, amount=eur(amount_minor))) is invalid


@pytest.mark.parametrize(("currency", "amount_minor"), [("KWD", 1_001), ("TND", 5)])
def test_what_no_card_network_settles_is_refused(currency: str, amount_minor: int) -> None:
    odd = replace(REFUND, amount=Money(amount_minor, currency))
    with pytest.raises(Refusal) as refused:
        check_correction(odd)
    assert refused.value.code is RefusalCode.CORRECTION_AMOUNT_INVALID


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bearer": None}, RefusalCode.BEARER_INVALID),
        ({"bearer": Bearer.CUSTOMER}, RefusalCode.BEARER_INVALID),
        ({"traveler_id": None}, RefusalCode.WRONG_STATE),
        ({"kind": K.WRITE_OFF}, RefusalCode.BEARER_INVALID),
        ({"kind": K.WRITE_OFF, "debtor": Bearer.PLATFORM}, RefusalCode.BEARER_INVALID),
        ({"kind": K.DUES_PAID, "debtor": Bearer.TRAVELER}, RefusalCode.WRONG_STATE),
        ({"kind": K.COMPENSATION, "traveler_id": None}, RefusalCode.WRONG_STATE),
    ],
)
def test_somebody_is_named_who_bears_or_owes_it(changes: dict[str, Any], code: str) -> None:
    assert refusal(replace(REFUND, **changes)) == code


def test_extra_costs_asked_for_before_count_towards_the_most() -> None:
    before = replace(MONEY, extra_costs=eur(2_000), extra_costs_asked=2)
    assert refusal(replace(COST, amount=eur(100)), before) is None
    too_much = replace(COST, amount=eur(101))
    assert refusal(too_much, before) is RefusalCode.CORRECTION_AMOUNT_INVALID
    often = replace(MONEY, extra_costs_asked=3)
    assert refusal(replace(COST, amount=eur(1)), often) is RefusalCode.REQUESTS_REACHED


@pytest.mark.parametrize("status", CorrectionStatus)
def test_extra_costs_are_answered_once_by_the_customer_and_taken_back_by_who_asked(
    status: CorrectionStatus,
) -> None:
    standing = CorrectionStanding(status)
    is_open = status is CorrectionStatus.ASKED
    yes = AnswerCost(Actor(Role.CUSTOMER, CUSTOMER), "pm_sandbox_ok")
    back = AnswerCost(Actor(Role.TRAVELER, TRAVELER))
    for check, command in ((check_consent, yes), (check_taking_back, back)):
        if is_open:
            check(COST, standing, command)
        with pytest.raises(Refusal) as refused:
            check(COST, standing, replace(command, actor=Actor(Role.TRAVELER, PersonId("other"))))
        assert refused.value.code is RefusalCode.NOT_YOUR_ROLE
        if not is_open:
            with pytest.raises(Refusal) as refused:
                check(COST, standing, command)
            assert refused.value.code is RefusalCode.WRONG_STATE


def test_extra_costs_are_never_told_as_a_tip() -> None:
    told = {event_of(K.EXTRA_COST, step.event) for step in LATE_STEPS}
    assert not any(event.startswith("tip") for event in told)
    assert {event_of(K.TIP, step.event) for step in LATE_STEPS} == {s.event for s in LATE_STEPS}


def test_nothing_is_refunded_of_a_payment_that_nobody_took() -> None:
    nothing = replace(MONEY, charge_id="", paid=eur(0), gone_back=eur(0))
    assert refusal(REFUND, nothing) is RefusalCode.WRONG_STATE


def test_tips_are_not_a_way_to_test_cards() -> None:
    tried = replace(MONEY, tips_tried=5)
    assert refusal(TIP, tried) is RefusalCode.PAYMENT_ATTEMPTS_REACHED


@given(
    asked=st.integers(1, 4_200), reversible=st.integers(0, 5_000), bearer=st.sampled_from(Bearer)
)
def test_no_more_is_reversed_than_is_refunded_or_is_there(
    asked: int, reversible: int, bearer: Bearer
) -> None:
    order = replace(REFUND, amount=eur(asked), bearer=bearer)
    money = replace(MONEY, reversible=eur(reversible))
    taken = reversal_of(order, money).amount_minor
    assert taken == (min(asked, reversible) if bearer is Bearer.TRAVELER else 0)
    kinds = [intent.kind for intent in intents_of(order, money)]
    assert kinds == [OperationKind.REFUND] + [OperationKind.REVERSAL] * bool(taken)


def test_a_refund_goes_out_before_its_transfer_is_taken_back() -> None:
    refund, reversal = intents_of(REFUND, MONEY)
    assert (refund.source_operation_id, refund.beyond_held) == ("d:charge:1", True)
    assert (reversal.source_operation_id, reversal.amount) == ("d:transfer", eur(700))


def test_a_tip_is_drawn_on_its_own_charge_and_a_compensation_on_nothing() -> None:
    charge, transfer, payout = intents_of(TIP, MONEY)
    assert (charge.method, transfer.source_operation_id) == ("pm_sandbox_ok", charge.operation_id)
    assert void_of_tip(TIP).source_operation_id == charge.operation_id
    assert {charge.amount, transfer.amount, payout.amount} == {TIP.amount}
    gift, sent = intents_of(replace(REFUND, kind=K.COMPENSATION), MONEY)
    assert (gift.kind, gift.source_operation_id) == (OperationKind.TRANSFER, "")
    assert sent.kind is OperationKind.PAYOUT


@pytest.mark.parametrize("kind", [*ORDERED_BY])
def test_only_the_end_of_a_debt_is_booked_by_its_order(kind: CorrectionKind) -> None:
    booked = booking_of(replace(DEBT, kind=kind))
    assert (booked is not None) == (kind in OF_DEBTS)
    assert bool(intents_of(replace(TIP, kind=kind), MONEY)) == (kind not in OF_DEBTS)


def parked(step: str) -> CorrectionStanding:
    return CorrectionStanding(CorrectionStatus.PARKED, step=step, problem="provider_refused")


@pytest.mark.parametrize("step", LATE_STEPS, ids=lambda step: step.name)
def test_only_what_loses_no_money_is_skipped(step: Any) -> None:
    skip = ResolveAttention(AttentionAction.SKIP)
    if step.name in SKIPPABLE_IN_CORRECTIONS:
        check_resolve(parked(step.name), skip)
        return
    with pytest.raises(Refusal) as refused:
        check_resolve(parked(step.name), skip)
    assert refused.value.code is RefusalCode.SKIP_NOT_SAFE


def test_what_was_done_by_hand_has_a_reference() -> None:
    with pytest.raises(Refusal) as parked_step:
        check_resolve(parked("send_tip"), ResolveAttention(AttentionAction.DONE_BY_HAND, " "))
    waiting = CorrectionStanding(CorrectionStatus.WAITING)
    with pytest.raises(Refusal) as given_again:
        check_done_by_hand(waiting, DoneByHand(AGENT, ""))
    codes = {parked_step.value.code, given_again.value.code}
    assert codes == {RefusalCode.WRONG_STATE}


@pytest.mark.parametrize("status", CorrectionStatus)
def test_only_what_waits_is_given_again(status: CorrectionStatus) -> None:
    standing, kind = CorrectionStanding(status), K.REFUND_AGAIN
    if status is CorrectionStatus.WAITING:
        check_again(kind, kind, standing)
        return
    with pytest.raises(Refusal):
        check_again(kind, kind, standing)


def test_an_event_says_where_the_correction_stands_and_whom_it_concerns() -> None:
    standing = CorrectionStanding(
        CorrectionStatus.MOVING, deadline_kind="provider", deadline_at=NOON
    )
    correction = correction_of(REFUND)
    late = correction_event(
        correction, EventKind.GOODWILL_REFUNDED, PLATFORM, NOON, standing, note="It came late."
    )
    assert late.key == "goodwill_refunded:c"
    assert late.facts[Fact.CONCERNS] == "customer traveler"
    assert late.facts[Fact.DUE_AT] == NOON.isoformat()
    shown = set(late.facts) - set(map(str, FOR_STAFF))
    assert shown == {"correction_id", "correction_kind", "amount", "bearer", "due_at"}
    again = correction_event(
        correction, EventKind.CORRECTION_WAITS, PLATFORM, NOON, standing, times=2
    )
    assert (again.key, again.facts[Fact.CONCERNS]) == ("correction_waits:c:2", "")


def test_the_page_of_a_correction_says_who_must_act() -> None:
    page = correction_details(correction_of(REFUND), parked("refund_goodwill"))
    assert "goodwill refund of EUR 10.00" in page
    assert "**refund_goodwill** is parked: provider refused" in page
    assert '"skip"' in page
    assert "the traveler" in page
