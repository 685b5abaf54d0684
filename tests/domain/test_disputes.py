"""Verdicts: only an agent, and the two shares always sum to the held payment."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import PLATFORM, Actor, DecideDispute, DisputeOrder, DisputeReason, Role
from domain.disputes import check_decide, default_verdict, verdict_of, verdict_shares
from domain.errors import Refusal, RefusalCode
from domain.money import Money
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from tests.domain.builders import (
    AGENT,
    CUSTOMER,
    DELIVERY,
    DISPUTE,
    EVERYBODY,
    ORDER,
    PRICE,
    TRAVELER,
    payments,
    refusal_of,
    standing_at,
)

RELEASE, REFUND, SPLIT = VerdictOutcome.RELEASE, VerdictOutcome.REFUND, VerdictOutcome.SPLIT
NOTHING = Money(0, "EUR")
DISPUTED = DisputeOrder(
    delivery_id=DELIVERY,
    dispute_id=DISPUTE,
    opened_by=CUSTOMER,
    reason=DisputeReason.DAMAGED,
    held=PRICE,
    handover_proven=True,
    standing=standing_at(DeliveryStatus.DISPUTED),
    order=ORDER,
)


def test_only_an_agent_decides() -> None:
    for name, actor in EVERYBODY.items():
        refusal = refusal_of(check_decide, DecideDispute(actor, RELEASE), DISPUTED)
        assert refusal == (None if name == "agent" else RefusalCode.NOT_YOUR_ROLE), name


@pytest.mark.parametrize("party", [CUSTOMER, TRAVELER])
def test_an_agent_decides_no_dispute_of_their_own(party: Actor) -> None:
    command = DecideDispute(replace(party, role=Role.AGENT), RELEASE)
    order = replace(DISPUTED, standing=replace(DISPUTED.standing, traveler_id=TRAVELER.person_id))
    assert refusal_of(check_decide, command, order) is RefusalCode.NOT_YOUR_ROLE


@pytest.mark.parametrize(
    ("outcome", "refund_minor", "expected"),
    [
        (RELEASE, None, (NOTHING, PRICE)),
        (REFUND, None, (PRICE, NOTHING)),
        (SPLIT, 1, (Money(1, "EUR"), Money(4_199, "EUR"))),
        (SPLIT, 4_199, (Money(4_199, "EUR"), Money(1, "EUR"))),
    ],
)
def test_verdict_shares_out_the_held_payment(
    outcome: VerdictOutcome, refund_minor: int | None, expected: tuple[Money, Money]
) -> None:
    assert verdict_shares(outcome, refund_minor, PRICE) == expected


@pytest.mark.parametrize(
    ("outcome", "refund_minor"),
    [(SPLIT, None), (SPLIT, 0), (SPLIT, -1), (SPLIT, 4_200), (SPLIT, 4_201), (RELEASE, 1),
     (RELEASE, 0), (REFUND, 4_200)],
)  # fmt: skip
def test_amounts_that_make_no_sense_are_refused(
    outcome: VerdictOutcome, refund_minor: int | None
) -> None:
    command = DecideDispute(AGENT, outcome, refund_minor)
    assert refusal_of(check_decide, command, DISPUTED) is RefusalCode.VERDICT_AMOUNT_INVALID


def test_a_split_that_card_networks_do_not_settle_is_refused() -> None:
    held = Money(4_200, "KWD")
    assert verdict_shares(SPLIT, 1_210, held) == (Money(1_210, "KWD"), Money(2_990, "KWD"))
    refusal = refusal_of(verdict_shares, SPLIT, 1_205, held)
    assert refusal is RefusalCode.VERDICT_AMOUNT_INVALID


@given(payments, st.sampled_from(VerdictOutcome), st.none() | st.integers(-9, 10**8))
def test_whatever_is_decided_sums_to_the_held_payment(
    held: Money, outcome: VerdictOutcome, refund_minor: int | None
) -> None:
    command = DecideDispute(AGENT, outcome, refund_minor)
    try:
        verdict = verdict_of(command, held)
    except Refusal:
        return
    assert verdict.refund + verdict.release == held
    assert min(verdict.refund.amount_minor, verdict.release.amount_minor) >= 0
    assert (verdict.outcome, verdict.decided_by) == (outcome, AGENT)


@pytest.mark.parametrize(
    ("policy", "proven", "expected"),
    [
        (RELEASE, True, RELEASE),
        (REFUND, True, REFUND),
        (SPLIT, True, SPLIT),
        (RELEASE, False, REFUND),
        (SPLIT, False, REFUND),
    ],
)
def test_without_an_agent_a_proven_handover_decides(
    policy: VerdictOutcome, proven: bool, expected: VerdictOutcome
) -> None:
    policies = replace(ORDER.policies, verdict_default=policy)
    order = replace(DISPUTED, handover_proven=proven, order=replace(ORDER, policies=policies))
    verdict = default_verdict(order)
    assert (verdict.outcome, verdict.decided_by) == (expected, PLATFORM)
    assert verdict.refund + verdict.release == PRICE


def test_a_default_split_is_half_and_half_and_the_odd_unit_is_the_customers() -> None:
    policies = replace(ORDER.policies, verdict_default=SPLIT)
    order = replace(DISPUTED, held=Money(101, "EUR"), order=replace(ORDER, policies=policies))
    verdict = default_verdict(order)
    assert (verdict.refund, verdict.release) == (Money(51, "EUR"), Money(50, "EUR"))


def test_a_default_split_of_a_single_unit_is_a_refund() -> None:
    policies = replace(ORDER.policies, verdict_default=SPLIT)
    order = replace(DISPUTED, held=Money(1, "JPY"), order=replace(ORDER, policies=policies))
    verdict = default_verdict(order)
    assert (verdict.outcome, verdict.release) == (REFUND, Money(0, "JPY"))
