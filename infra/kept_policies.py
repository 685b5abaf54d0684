"""Reads the policies that a delivery was opened under, and that it keeps.

Newer versions may have kept figures that this one does not know: they are passed over. What an older one
did not keep yet has its default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from domain.handover.policy import OPAQUE_CODES, ProofPolicy
from domain.policies import Policies

POLICIES = TypeAdapter(Policies)
_PROOF = TypeAdapter(ProofPolicy)


def proof_policy_in(kept: Mapping[str, Any] | None) -> ProofPolicy:
    """Return the figures of proofs that a delivery was opened under; the oldest have none."""
    return OPAQUE_CODES if kept is None else _PROOF.validate_python(kept)
