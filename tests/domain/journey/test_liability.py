"""Liability: every reason has its evidence, and whatever is shared out sums up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import DisputeReason, Role
from domain.disputes import verdict_shares
from domain.errors import RefusalCode
from domain.journey.contracts import ReportLoss
from domain.journey.liability import EVIDENCE, HandoverProof, assess, cover_limit
from domain.journey.terms import NO_COVER, CoverPolicy, LossKind
from domain.journey.undeliverable import LOSS_REASONS, check_report_loss
from domain.money import Money
from domain.policies import VerdictOutcome, standard_policies
from domain.status import DeliveryStatus as D
from tests.domain.builders import (
    CUSTOMER,
    DISPUTE,
    EVERYBODY,
    TRAVELER,
    payments,
    refusal_of,
    refusals_by_status,
    state_at,
)

EUR_42, EUR_900 = Money(4_200, "EUR"), Money(90_000, "EUR")
reasons, proofs = st.sampled_from(DisputeReason), st.sampled_from(HandoverProof)


@given(reasons, proofs, payments, st.integers(0, 10_000_000))
def test_every_unit_is_borne_by_somebody_and_the_verdict_can_be_given(
    reason: DisputeReason, proof: HandoverProof, price: Money, value_minor: int
) -> None:
    declared = Money(value_minor, price.currency)
    made = assess(CoverPolicy(), reason, proof, price, declared)
    assert made.refund + made.release == price
    assert made.covered + made.own == declared
    assert made.by_goodwill + made.by_hand == made.covered
    assert made.by_goodwill.amount_minor <= made.release.amount_minor
    assert made.covered.amount_minor <= cover_limit(CoverPolicy(), price.currency).amount_minor
    splits = made.outcome is VerdictOutcome.SPLIT
    refund_minor = made.refund.amount_minor if splits else None
    assert verdict_shares(made.outcome, refund_minor, price) == (made.refund, made.release)


def test_a_lost_parcel_is_refunded_and_covered_up_to_the_limit() -> None:
    made = assess(CoverPolicy(), DisputeReason.LOST, HandoverProof.NONE, EUR_42, EUR_900)
    assert (made.outcome, made.refund) == (VerdictOutcome.REFUND, EUR_42)
    assert (made.covered, made.own) == (Money(50_000, "EUR"), Money(40_000, "EUR"))
    # Nothing is left of the payment, so no refund can carry the cover.
    assert made.by_hand == made.covered


def test_what_is_declared_is_covered_and_nothing_else() -> None:
    undeclared = assess(CoverPolicy(), DisputeReason.LOST, HandoverProof.NONE, EUR_42, None)
    uncovered = assess(NO_COVER, DisputeReason.LOST, HandoverProof.NONE, EUR_42, EUR_900)
    assert not undeclared.covered.amount_minor
    assert (uncovered.covered.amount_minor, uncovered.own) == (0, EUR_900)
    assert standard_policies().cover == CoverPolicy()


def test_a_proven_handover_protects_the_traveler() -> None:
    made = assess(CoverPolicy(), DisputeReason.NOT_RECEIVED, HandoverProof.CODE, EUR_42, EUR_900)
    assert (made.outcome, made.covered.amount_minor) == (VerdictOutcome.RELEASE, 0)


def test_damage_after_the_handover_is_shared_and_goodwill_carries_what_it_can() -> None:
    made = assess(CoverPolicy(), DisputeReason.DAMAGED, HandoverProof.CODE, EUR_42, EUR_900)
    assert (made.outcome, made.refund) == (VerdictOutcome.SPLIT, Money(2_100, "EUR"))
    assert made.by_goodwill == Money(2_100, "EUR")
    assert made.by_hand == made.covered - made.by_goodwill


@pytest.mark.parametrize("reason", DisputeReason)
def test_every_reason_says_what_is_expected_of_whom(reason: DisputeReason) -> None:
    for each in EVIDENCE.get(reason, ()):
        assert each.kind in {"photo", "document", "receipt", "statement"}
        assert each.by in {Role.CUSTOMER, Role.RECIPIENT, Role.TRAVELER}
        assert each.what.endswith(".")


UNASSIGNED = dict.fromkeys([D.REQUESTED, D.EXPIRED], RefusalCode.NOT_YOUR_ROLE)
ON_THE_WAY = {D.IN_TRANSIT, D.ARRIVED, D.RETURNING}


@pytest.mark.parametrize(("status", "expected"), refusals_by_status(ON_THE_WAY, UNASSIGNED))
def test_a_loss_is_reported_while_the_parcel_is_with_the_traveler(
    status: D, expected: RefusalCode | None
) -> None:
    command = ReportLoss(TRAVELER, DISPUTE, LossKind.LOST)
    assert refusal_of(check_report_loss, state_at(status), command) == expected


def test_the_traveler_and_the_customer_report_a_loss() -> None:
    for name, actor in EVERYBODY.items():
        expected = None if actor in (TRAVELER, CUSTOMER) else RefusalCode.NOT_YOUR_ROLE
        command = ReportLoss(actor, DISPUTE, LossKind.DAMAGED)
        assert refusal_of(check_report_loss, state_at(D.IN_TRANSIT), command) == expected, name


def test_every_loss_has_a_reason_of_its_own() -> None:
    assert set(LOSS_REASONS) == set(LossKind)
    assert len(set(LOSS_REASONS.values())) == len(LossKind)
