"""A key is for what its scopes say: harmless things by the group, everything else by name."""

from __future__ import annotations

import pytest

from domain.identity.actions import Action
from domain.identity.approvals import APPROVED_BY_ALL
from domain.identity.permissions import RULES, Nature
from domain.identity.scopes import CHANGES, READS, grantable, names_for_staff, scopes_cover

BY_NATURE = [(action, rule.nature) for action, rule in RULES.items()]


@pytest.mark.parametrize(("action", "nature"), BY_NATURE)
def test_the_groups_hold_nothing_that_moves_money_or_is_for_staff(
    action: Action, nature: Nature
) -> None:
    assert scopes_cover({READS}, action) is (nature is Nature.READING)
    assert scopes_cover({CHANGES}, action) is (nature is Nature.CHANGING)


@pytest.mark.parametrize(("action", "nature"), BY_NATURE)
def test_a_name_is_for_itself_and_what_a_person_must_approve_for_nobody(
    action: Action, nature: Nature
) -> None:
    is_for_keys = nature is not Nature.PERSONAL and action not in APPROVED_BY_ALL
    assert scopes_cover({str(action)}, action) is is_for_keys
    others = {str(other) for other in Action if other is not action}
    assert not scopes_cover(others, action)


def test_only_what_a_key_may_be_for_can_be_granted() -> None:
    natures = {RULES[Action(scope)].nature for scope in grantable() if scope in set(Action)}
    assert natures == set(Nature) - {Nature.PUBLIC, Nature.PERSONAL}
    assert set(grantable()) - set(Action) == {READS, CHANGES}
    assert not APPROVED_BY_ALL & set(grantable())


def test_powers_of_staff_are_in_scopes_only_by_the_name_of_something_for_staff() -> None:
    assert names_for_staff({"hold_delivery"}, Action.HOLD_DELIVERY)
    assert not names_for_staff({READS, "read_delivery"}, Action.READ_DELIVERY)
    assert not names_for_staff({READS}, Action.LIST_ATTENTION)
