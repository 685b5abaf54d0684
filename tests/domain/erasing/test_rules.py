"""An erasure can be taken back while it cools off, and is looked at ever less often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.erasing.policy import ErasurePolicy
from domain.erasing.rules import (
    FORMER_MEMBER,
    ErasureOrder,
    ErasureStatus,
    check_withdrawal,
    next_look_s,
)
from domain.errors import Refusal, RefusalCode
from domain.identity.privacy import NameShown, shown_name
from domain.ids import PersonId

NOW = datetime(2026, 5, 1, tzinfo=UTC)
ORDER = ErasureOrder(PersonId("p"), "e", NOW)


def refusal(status: ErasureStatus | None, now: datetime) -> RefusalCode:
    with pytest.raises(Refusal) as refused:
        check_withdrawal(status, now, ORDER.due_at)
    return refused.value.code


def test_it_can_be_taken_back_until_it_is_due() -> None:
    check_withdrawal(ErasureStatus.COOLING_OFF, ORDER.due_at - timedelta(seconds=1), ORDER.due_at)
    assert refusal(ErasureStatus.COOLING_OFF, ORDER.due_at) is RefusalCode.ERASURE_BINDING
    assert refusal(ErasureStatus.WAITING, NOW) is RefusalCode.ERASURE_BINDING
    assert refusal(ErasureStatus.ERASED, NOW) is RefusalCode.ERASURE_BINDING
    assert refusal(ErasureStatus.WITHDRAWN, NOW) is RefusalCode.NO_ERASURE
    assert refusal(None, NOW) is RefusalCode.NO_ERASURE


def test_the_wait_between_two_looks_doubles_up_to_a_day() -> None:
    policy = ErasurePolicy()
    assert [next_look_s(looks, policy) for looks in range(6)] == [
        3_600, 7_200, 14_400, 28_800, 57_600, 86_400,
    ]  # fmt: skip
    assert next_look_s(10_000, policy) == policy.look_s_max


def test_who_was_erased_is_a_former_member_to_everybody() -> None:
    assert {shown_name(FORMER_MEMBER, how) for how in NameShown} == {FORMER_MEMBER}


def test_staff_hear_of_it_before_the_month_of_the_law_is_over() -> None:
    assert ORDER.due_at < ORDER.alarm_at < NOW + timedelta(days=28)
