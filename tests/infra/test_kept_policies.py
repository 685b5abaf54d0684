"""What a delivery was opened under is read whatever version has kept it."""

from __future__ import annotations

from dataclasses import asdict

from domain.handover.policy import OPAQUE_CODES, ProofPolicy
from infra.kept_policies import proof_policy_in


def test_kept_figures_count_and_what_was_not_kept_has_its_default() -> None:
    assert proof_policy_in(asdict(ProofPolicy(radius_m=90))) == ProofPolicy(radius_m=90)
    assert proof_policy_in({"radius_m": 90}) == ProofPolicy(radius_m=90)
    assert proof_policy_in(None) == OPAQUE_CODES


def test_figures_of_a_newer_version_are_passed_over() -> None:
    kept = {**asdict(OPAQUE_CODES), "altitude_m_max": 3}
    assert proof_policy_in(kept) == OPAQUE_CODES
