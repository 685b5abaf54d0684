"""Who asks for an override, who decides about it and until when, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.contracts import PLATFORM, Actor, CodePurpose, Role
from domain.errors import RefusalCode
from domain.ids import PersonId
from domain.overriding.policy import OverridePolicy
from domain.overriding.rules import (
    OVER,
    OverrideStatus,
    check_approver,
    check_ask,
    check_decision,
    check_refuser,
    check_ties,
    check_withdrawal,
)
from tests.domain.builders import AGENT, CUSTOMER, NOW, TRAVELER, refusal_of
from tests.domain.overriding.overrides import ASKER, OVERRIDE

C, S = RefusalCode, OverrideStatus
PARTIES = (CUSTOMER.person_id, None, TRAVELER.person_id)
NAMELESS = Actor(Role.OPERATOR)
PARTY = Actor(Role.OPERATOR, CUSTOMER.person_id)
SECOND_OPERATOR = Actor(Role.OPERATOR, PersonId("second-operator"))
BOTH = replace(ASKER, role=Role.AGENT)
"""Whoever asked, in the other role that they hold."""
NOT_STAFF = (TRAVELER, CUSTOMER, PLATFORM, NAMELESS)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (CodePurpose.PICKUP, None),
        (CodePurpose.HANDOVER, None),
        (CodePurpose.RETURN, None),
        (CodePurpose.RELAY, C.WRONG_STATE),
    ],
)
def test_steps_between_the_parties_are_overridden_and_no_relay(
    step: CodePurpose, expected: RefusalCode | None
) -> None:
    assert refusal_of(check_ask, replace(OVERRIDE, step=step), PARTIES) == expected


@pytest.mark.parametrize("actor", [*NOT_STAFF, PARTY, replace(TRAVELER, role=Role.AGENT)])
def test_only_staff_by_name_and_without_a_part_in_it_ask(actor: Actor) -> None:
    assert refusal_of(check_ask, replace(OVERRIDE, asked_by=actor), PARTIES) == C.NOT_YOUR_ROLE


@pytest.mark.parametrize(
    ("actor", "approves", "refuses", "withdraws"),
    [
        (AGENT, None, None, C.NOT_YOUR_ROLE),
        (SECOND_OPERATOR, C.NOT_YOUR_ROLE, None, C.NOT_YOUR_ROLE),
        (ASKER, C.OVERRIDE_SAME_PERSON, C.NOT_YOUR_ROLE, None),
        (BOTH, C.OVERRIDE_SAME_PERSON, C.NOT_YOUR_ROLE, None),
        (PARTY, C.NOT_YOUR_ROLE, C.NOT_YOUR_ROLE, C.NOT_YOUR_ROLE),
        *((each, C.NOT_YOUR_ROLE, C.NOT_YOUR_ROLE, C.NOT_YOUR_ROLE) for each in NOT_STAFF),
    ],
)
def test_who_decides_what(
    actor: Actor,
    approves: RefusalCode | None,
    refuses: RefusalCode | None,
    withdraws: RefusalCode | None,
) -> None:
    assert refusal_of(check_approver, OVERRIDE, actor, PARTIES) == approves
    assert refusal_of(check_refuser, OVERRIDE, actor, PARTIES) == refuses
    assert refusal_of(check_withdrawal, OVERRIDE, actor) == withdraws


DUE_AT = OVERRIDE.due_at
A_MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("status", "now", "expected"),
    [
        (S.ASKED, NOW, None),
        (S.ASKED, DUE_AT - A_MOMENT, None),
        (S.ASKED, DUE_AT, C.OVERRIDE_EXPIRED),
        (S.EXPIRED, NOW, C.OVERRIDE_EXPIRED),
        (S.APPROVED, NOW, C.WRONG_STATE),
        *((status, NOW, C.WRONG_STATE) for status in sorted(OVER - {S.EXPIRED})),
    ],
)
def test_it_is_decided_once_and_in_time(
    status: OverrideStatus, now: datetime, expected: RefusalCode | None
) -> None:
    assert refusal_of(check_decision, status, DUE_AT, now) == expected


def test_half_an_hour_is_left_to_approve_what_is_approved_freshly() -> None:
    assert OVERRIDE.due_at - NOW == timedelta(minutes=30)
    policy = OverridePolicy()
    assert policy.approval_fresh_s < policy.approval_s


@pytest.mark.parametrize(("ties", "expected"), [((), None), (("phone",), C.OVERRIDE_SAME_PERSON)])
def test_two_accounts_of_one_person_are_one_person(
    ties: tuple[str, ...], expected: RefusalCode | None
) -> None:
    assert refusal_of(check_ties, ties) == expected
