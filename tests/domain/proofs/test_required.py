"""Which proofs a leg needs: nothing new at the standard level, more the more is at stake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import CodePurpose, Role
from domain.handover.levels import ProofLevel
from domain.ids import DeliveryId
from domain.proofs.items import (
    OPEN_IN,
    IdFinding,
    label_digest,
    label_matches,
    proof_counts,
)
from domain.proofs.kinds import ProofKind
from domain.proofs.policy import NO_TERMS, LegOutcome, ProofTerms
from domain.proofs.required import missing_proofs, required_proofs
from domain.status import CLOSED
from infra.identifiers import new_id

K, L, P = ProofKind, ProofLevel, CodePurpose
ENDS = LegOutcome
REASONS = [None, "recipient_absent", "recipient_refuses", "wrong_address", "parcel_damaged"]


@pytest.mark.parametrize("leg", P)
@pytest.mark.parametrize("outcome", ENDS)
@pytest.mark.parametrize("reason", REASONS)
def test_the_standard_level_asks_for_nothing_by_itself(
    leg: CodePurpose, outcome: LegOutcome, reason: str | None
) -> None:
    assert required_proofs(L.STANDARD, leg, outcome, reason) == ()


@pytest.mark.parametrize(
    ("level", "leg", "outcome", "reason", "needed"),
    [
        (L.HIGH, P.PICKUP, ENDS.DONE, None, ()),
        (L.HIGH, P.HANDOVER, ENDS.DONE, None, ()),
        (L.HIGH, P.HANDOVER, ENDS.LEFT, None, ()),
        (L.HIGH, P.HANDOVER, ENDS.FAILED, "parcel_damaged", (K.PHOTO,)),
        (L.HIGH, P.HANDOVER, ENDS.FAILED, "recipient_absent", ()),
        (L.MAXIMUM, P.PICKUP, ENDS.DONE, None, (K.PHOTO,)),
        (L.MAXIMUM, P.HANDOVER, ENDS.DONE, None, (K.PHOTO,)),
        (L.MAXIMUM, P.RETURN, ENDS.DONE, None, (K.PHOTO,)),
        (L.MAXIMUM, P.RELAY, ENDS.DONE, None, (K.PHOTO,)),
        (L.MAXIMUM, P.HANDOVER, ENDS.LEFT, None, (K.SAFE_PLACE_PHOTO,)),
        (L.MAXIMUM, P.HANDOVER, ENDS.FAILED, "parcel_damaged", (K.PHOTO,)),
        (L.MAXIMUM, P.HANDOVER, ENDS.FAILED, "recipient_absent", (K.PHOTO,)),
        (L.MAXIMUM, P.HANDOVER, ENDS.FAILED, "recipient_refuses", ()),
    ],
)
def test_levels_ask_for_proofs_by_leg_outcome_and_reason(
    level: ProofLevel,
    leg: CodePurpose,
    outcome: LegOutcome,
    reason: str | None,
    needed: tuple[ProofKind, ...],
) -> None:
    assert required_proofs(level, leg, outcome, reason) == needed


ALL_TERMS = ProofTerms(minimum_age=18, signature=True, safe_place_photo=True, has_label=True)


def test_what_the_customer_asked_for_is_needed_at_every_level() -> None:
    at_handover = required_proofs(L.STANDARD, P.HANDOVER, terms=ALL_TERMS)
    assert at_handover == (K.SIGNATURE, K.ID_CHECK, K.LABEL_BARCODE)
    assert required_proofs(L.STANDARD, P.PICKUP, terms=ALL_TERMS) == (K.LABEL_BARCODE,)
    left = required_proofs(L.STANDARD, P.HANDOVER, ENDS.LEFT, terms=ALL_TERMS)
    assert left == (K.SAFE_PLACE_PHOTO,)
    assert required_proofs(L.STANDARD, P.RETURN, terms=ALL_TERMS) == ()


@given(
    leg=st.sampled_from(P),
    outcome=st.sampled_from(ENDS),
    reason=st.sampled_from(REASONS),
    terms=st.sampled_from([NO_TERMS, ALL_TERMS]),
)
def test_a_stronger_level_never_asks_for_less(
    leg: CodePurpose, outcome: LegOutcome, reason: str | None, terms: ProofTerms
) -> None:
    asked = [set(required_proofs(level, leg, outcome, reason, terms)) for level in L]
    assert asked[0] <= asked[1] <= asked[2]


def test_what_is_there_is_not_missing() -> None:
    required = (K.PHOTO, K.ID_CHECK)
    assert missing_proofs(required, ()) == required
    assert missing_proofs(required, {K.PHOTO, K.SIGNATURE}) == (K.ID_CHECK,)
    assert missing_proofs(required, required) == ()


@pytest.mark.parametrize(
    ("finding", "counts"),
    [
        (IdFinding(18, is_old_enough=True), True),
        (IdFinding(21, is_old_enough=True), True),
        (IdFinding(16, is_old_enough=True), False),
        (IdFinding(18, is_old_enough=False), False),
        (None, False),
    ],
)
def test_an_id_check_counts_for_the_age_that_was_asked_for(
    finding: IdFinding | None, *, counts: bool
) -> None:
    terms = ProofTerms(minimum_age=18)
    assert proof_counts(terms, K.ID_CHECK, Role.TRAVELER, finding=finding) is counts
    assert not proof_counts(terms, K.ID_CHECK, Role.RECIPIENT, finding=finding)


def test_nobody_vouches_for_themselves_but_anybody_may_take_a_photo() -> None:
    for kind in (K.SIGNATURE, K.SAFE_PLACE_PHOTO):
        assert proof_counts(NO_TERMS, kind, Role.TRAVELER)
        assert not proof_counts(NO_TERMS, kind, Role.RECIPIENT)
    assert proof_counts(NO_TERMS, K.PHOTO, Role.SENDER)


def test_a_label_is_known_by_its_digest_for_one_parcel_only() -> None:
    key, one, other = b"k" * 32, DeliveryId(new_id()), DeliveryId(new_id())
    known = label_digest(key, one, " 1Z 999 AA1 ")
    assert label_matches(known, label_digest(key, one, "1Z999AA1")) is True
    assert label_matches(known, label_digest(key, one, "1Z999AA2")) is False
    assert label_matches(known, label_digest(key, other, "1Z999AA1")) is False
    assert label_matches(None, label_digest(key, one, "1Z999AA1")) is None
    assert not proof_counts(NO_TERMS, K.LABEL_BARCODE, Role.TRAVELER, label_matches=None)


def test_proofs_of_every_leg_are_taken_while_the_delivery_is_open() -> None:
    assert set(OPEN_IN) == set(P)
    assert not any(statuses & CLOSED for statuses in OPEN_IN.values())
