"""What an approved override does to its delivery, and what is told of it before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.contracts import PLATFORM, Actor, CodePurpose
from domain.errors import RefusalCode
from domain.messages import CONCERNS
from domain.overriding.details import override_details
from domain.overriding.rules import (
    STEPS,
    OverrideNote,
    OverrideStanding,
    OverrideStatus,
    OverrideStep,
)
from domain.overriding.step import EVENTS, check_override_step, late_event
from domain.status import DeliveryStatus
from tests.domain.builders import (
    AGENT,
    CUSTOMER,
    NOW,
    RECIPIENT,
    SENDER,
    TRAVELER,
    refusal_of,
    refusals_by_status,
    state_at,
)
from tests.domain.overriding.overrides import ASKER, OVERRIDE

C, D, S = RefusalCode, DeliveryStatus, OverrideStatus
TAKEN_AT = {
    CodePurpose.PICKUP: {D.AWAITING_PICKUP, D.CAPTURING},
    CodePurpose.HANDOVER: {D.IN_TRANSIT, D.ARRIVED},
    CodePurpose.RETURN: {D.RETURNING},
}


def step(purpose: CodePurpose = CodePurpose.HANDOVER, by: Actor = AGENT) -> OverrideStep:
    return OverrideStep(replace(OVERRIDE, step=purpose), by)


@pytest.mark.parametrize(
    ("purpose", "status", "expected"),
    [
        (purpose, status, expected)
        for purpose, statuses in TAKEN_AT.items()
        for status, expected in refusals_by_status(statuses)
    ],
)
def test_a_step_is_taken_when_it_comes_next(
    purpose: CodePurpose, status: DeliveryStatus, expected: RefusalCode | None
) -> None:
    assert refusal_of(check_override_step, state_at(status), step(purpose)) == expected


@pytest.mark.parametrize(
    ("approver", "expected"),
    [
        (AGENT, None),
        (ASKER, C.OVERRIDE_SAME_PERSON),
        *(
            (replace(AGENT, person_id=party.person_id), C.NOT_YOUR_ROLE)
            for party in (CUSTOMER, SENDER, RECIPIENT, TRAVELER)
        ),
    ],
)
def test_the_delivery_looks_at_the_people_once_more(
    approver: Actor, expected: RefusalCode | None
) -> None:
    state = state_at(D.IN_TRANSIT)
    assert refusal_of(check_override_step, state, step(by=approver)) == expected


def test_a_delivery_that_is_being_cancelled_takes_none() -> None:
    leaving = replace(state_at(D.AWAITING_PICKUP), cancelled_by=CUSTOMER)
    assert refusal_of(check_override_step, leaving, step(CodePurpose.PICKUP)) == C.WRONG_STATE


def test_every_step_has_an_event_of_its_own() -> None:
    assert set(EVENTS) == set(STEPS)
    assert len(set(EVENTS.values())) == len(STEPS)


@pytest.mark.parametrize("status", [each for each in OverrideStatus if each is not S.APPLIED])
def test_until_it_is_applied_only_staff_learn_of_it(status: OverrideStatus) -> None:
    note = OverrideNote(OVERRIDE, status, PLATFORM, NOW, "code_already_used", "Called them.", "one")
    told = late_event(note)
    assert told.event == f"override_{status}"
    assert told.facts[CONCERNS] == "operator"
    said = {name: told.facts[name] for name in ("because", "note", "approval_id", "step")}
    assert list(said.values()) == ["code_already_used", "Called them.", "one", "handover"]


def test_what_is_empty_is_not_told() -> None:
    facts = late_event(OverrideNote(OVERRIDE, S.ASKED, ASKER, NOW)).facts
    assert not {"because", "note", "approval_id"} & set(facts)


@pytest.mark.parametrize("status", OverrideStatus)
def test_its_page_says_until_when_somebody_may_approve_it(status: OverrideStatus) -> None:
    page = override_details(OVERRIDE, OverrideStanding(status))
    assert ("12:30:00 UTC" in page) is (status is S.ASKED)
