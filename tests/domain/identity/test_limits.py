"""Every request is counted with its like, and the figures hang together."""

from __future__ import annotations

import pytest

from domain.identity.actions import Action
from domain.identity.limits import MONEY_ACTIONS, RateLimits, RequestKind, kind_of


@pytest.mark.parametrize("action", Action)
def test_what_changes_is_never_counted_as_reading(action: Action) -> None:
    kind = kind_of(action, changes=True)
    assert kind not in (RequestKind.READ, RequestKind.PUBLIC)
    if action not in MONEY_ACTIONS and not action.is_public:
        assert kind_of(action, changes=False) is RequestKind.READ


def test_a_change_without_a_credential_is_counted_like_signing_in() -> None:
    public = [action for action in Action if action.is_public]
    kinds = {kind_of(action, changes=True) for action in public}
    assert kinds == {None, RequestKind.SIGN_IN, RequestKind.PROVIDER}


@pytest.mark.parametrize("kind", RequestKind)
def test_a_lease_is_a_small_part_of_what_there_is(kind: RequestKind) -> None:
    allowance = RateLimits().of(kind)
    for bucket in filter(None, (allowance.address, allowance.person)):
        assert 1 <= bucket.lease <= bucket.burst / 10
        assert bucket.per_s > 0
    if allowance.person is not None:
        assert allowance.person.burst < allowance.address.burst
    larger = RateLimits().times(7).of(kind)
    assert larger.address.burst == 7 * allowance.address.burst
