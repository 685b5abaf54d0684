"""Rules of typed corrections."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.amending import (
    AHEAD_S_MAX,
    Amendable,
    AmendmentKind,
    CorrectAddress,
    CorrectDeadline,
    CorrectParcel,
    CorrectRecipient,
    check_amend,
    facts_of,
    needs_two_people,
)
from domain.contracts import Role
from domain.deadlines import DeadlineKind
from domain.status import BEFORE_PICKUP, IN_CUSTODY, DeliveryStatus
from tests.domain.builders import (
    CUSTOMER,
    NOW,
    refusal_of,
    refusals_by_status,
    standing_at,
)

SOME_ID = "0199c0de-0000-7000-8000-000000000009"
WHY = "The customer has told us."
SOON = CorrectDeadline(NOW + timedelta(days=2), WHY)


def at(status: DeliveryStatus) -> Amendable:
    standing = replace(
        standing_at(status), deadline_kind=DeadlineKind.PICKUP, deadline_at=NOW, attention=None
    )
    return Amendable(
        standing,
        (CUSTOMER.person_id,),
        NOW,
        money_held_until=NOW + timedelta(days=85),
        declared_value_minor_max=100,
    )


@pytest.mark.parametrize(("status", "code"), refusals_by_status(set(BEFORE_PICKUP)))
def test_pickup_and_parcel_are_corrected_until_the_pickup(
    status: DeliveryStatus, code: str | None
) -> None:
    pickup = CorrectAddress(SOME_ID, AmendmentKind.PICKUP, WHY)
    assert refusal_of(check_amend, at(status), pickup) == code
    assert refusal_of(check_amend, at(status), CorrectParcel(5, None, WHY)) == code


@pytest.mark.parametrize("status", DeliveryStatus)
def test_who_gets_a_parcel_that_is_under_way_is_changed_by_two_people(
    status: DeliveryStatus,
) -> None:
    assert not needs_two_people(status, AmendmentKind.PICKUP)
    for kind in (AmendmentKind.DESTINATION, AmendmentKind.RECIPIENT):
        assert needs_two_people(status, kind) is (status in IN_CUSTODY)


@pytest.mark.parametrize(("status", "code"), refusals_by_status(set(BEFORE_PICKUP | IN_CUSTODY)))
def test_destination_and_recipient_are_corrected_until_the_handover(
    status: DeliveryStatus, code: str | None
) -> None:
    assert refusal_of(check_amend, at(status), CorrectAddress(SOME_ID, reason=WHY)) == code
    assert refusal_of(check_amend, at(status), CorrectRecipient(SOME_ID, reason=WHY)) == code


@pytest.mark.parametrize("kind", DeadlineKind)
def test_only_clocks_of_people_are_moved(kind: DeadlineKind) -> None:
    state = at(DeliveryStatus.AWAITING_PICKUP)
    state = replace(state, standing=replace(state.standing, deadline_kind=kind))
    movable = {"request", "payment", "charge", "pickup", "handover", "inspection"}
    movable |= {"redelivery", "leaving", "return", "return_inspection"}
    refusal = refusal_of(check_amend, state, SOON)
    assert refusal == (None if kind in movable else "wrong_state")


def test_a_deadline_stays_within_what_can_be_kept() -> None:
    state = at(DeliveryStatus.AWAITING_PICKUP)
    unpaid = replace(state, money_held_until=None)
    parked = replace(state, standing=replace(state.standing, attention="refund_funds"))
    too_far = NOW + timedelta(seconds=AHEAD_S_MAX + 1)
    naive = CorrectDeadline(SOON.due_at.replace(tzinfo=None), WHY)
    cases = (
        (state, CorrectDeadline(NOW, WHY), "amendment_invalid"),
        (state, CorrectDeadline(NOW + timedelta(days=86), WHY), "amendment_invalid"),
        (unpaid, CorrectDeadline(NOW + timedelta(days=86), WHY), None),
        (unpaid, CorrectDeadline(too_far, WHY), "amendment_invalid"),
        (state, naive, "amendment_invalid"),
        (parked, SOON, "needs_attention"),
    )
    for given, command, code in cases:
        assert refusal_of(check_amend, given, command) == code


@pytest.mark.parametrize("kind", [DeadlineKind.INSPECTION, DeadlineKind.RETURN_INSPECTION])
def test_after_an_override_the_dispute_window_only_grows(kind: DeadlineKind) -> None:
    due_at = NOW + timedelta(days=5)
    standing = replace(
        standing_at(DeliveryStatus.DELIVERED), deadline_kind=kind, deadline_at=due_at
    )
    usual = replace(at(DeliveryStatus.DELIVERED), standing=standing)
    overridden, later = replace(usual, is_overridden=True), CorrectDeadline(due_at, WHY)
    assert refusal_of(check_amend, usual, SOON) is None
    assert refusal_of(check_amend, overridden, SOON) == "amendment_invalid"
    assert refusal_of(check_amend, overridden, later) is None


def test_what_is_said_and_by_whom_is_checked() -> None:
    state = at(DeliveryStatus.REQUESTED)
    cases = (
        (CorrectParcel(0, None, WHY), "amendment_invalid"),
        (CorrectParcel(None, 101, WHY), "amendment_invalid"),
        (CorrectParcel(None, None, WHY), "amendment_invalid"),
        (CorrectParcel(5, 5), "reason_missing"),
        (CorrectParcel(5, 5, WHY, CUSTOMER.person_id), "not_your_role"),
        (CorrectParcel(5, 5, WHY, role=Role.TRAVELER), "not_your_role"),
        (CorrectAddress(SOME_ID, AmendmentKind.RECIPIENT, WHY), "amendment_invalid"),
        (CorrectAddress("somewhere", reason=WHY), "amendment_unknown"),
    )
    for command, code in cases:
        assert refusal_of(check_amend, state, command) == code


def test_a_correction_of_a_person_is_told_by_the_id_of_its_row() -> None:
    assert facts_of(CorrectRecipient(SOME_ID, CUSTOMER.person_id, WHY)) == {
        "reason": WHY,
        "amendment": SOME_ID,
        "amended": "recipient",
    }
    assert facts_of(CorrectParcel(5, None, WHY)) == {"reason": WHY, "weight_grams": "5"}
