"""Every leg has events that open an attempt at it, and every step that was taken back is one."""

from __future__ import annotations

import pytest

from domain.contracts import CodePurpose
from domain.journey.undoing import NEW_CODE, UNDONE_BY
from domain.overriding.step import EVENTS
from domain.proofs.attempts import OPENED_BY
from domain.transitions import EventKind


def test_every_leg_can_be_begun() -> None:
    assert set(OPENED_BY) == set(CodePurpose)
    assert all(OPENED_BY.values())


@pytest.mark.parametrize("step", NEW_CODE)
def test_a_step_that_was_taken_back_is_proven_anew(step: EventKind) -> None:
    assert UNDONE_BY[step] in OPENED_BY[NEW_CODE[step]]


def test_whoever_takes_the_parcel_over_proves_what_comes_after_it() -> None:
    taken = {EventKind.PICKED_UP, EventKind.RELAYED, EVENTS[CodePurpose.PICKUP]}
    assert taken <= OPENED_BY[CodePurpose.HANDOVER]
