"""The steps in which codes that change with time are made."""

from __future__ import annotations

from datetime import datetime

from domain.handover.claimed import STEP_BYTES
from domain.handover.policy import ProofPolicy

_STEP_MAX: int = 2 ** (8 * STEP_BYTES) - 1


def step_at(policy: ProofPolicy, moment: datetime) -> int:
    """Return the number of the step that a moment lies in, counted from 1970."""
    number = int(moment.timestamp()) // policy.step_s
    return min(max(number, 0), _STEP_MAX)


def is_step_now(policy: ProofPolicy, step: int, now: datetime) -> bool:
    """Tell whether a code of a step counts now: clocks may be off by a step or so."""
    return abs(step - step_at(policy, now)) <= policy.steps_around_max
