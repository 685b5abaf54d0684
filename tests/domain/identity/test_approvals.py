"""What money or powers of staff do is approved, or there is a reason why not."""

from __future__ import annotations

from domain.identity.approvals import (
    APPROVED_BY_ALL,
    APPROVED_BY_HOLDERS,
    NOT_APPROVED,
    fingerprint_of,
)
from domain.identity.permissions import RULES, Nature


def test_every_action_about_money_or_for_staff_is_decided_about_once() -> None:
    decided = [
        *APPROVED_BY_ALL,
        *APPROVED_BY_HOLDERS,
        *(a for each in NOT_APPROVED.values() for a in each),
    ]
    assert len(decided) == len(set(decided))
    wanted = {a for a, rule in RULES.items() if rule.nature in (Nature.MONEY, Nature.STAFF)}
    assert wanted - set(decided) == set()
    others = set(decided) - wanted
    assert {RULES[action].nature for action in others} == {Nature.PERSONAL}
    assert not others & {a for each in NOT_APPROVED.values() for a in each}


def test_a_query_is_part_of_what_is_approved() -> None:
    seen = {fingerprint_of("POST", path, "0") for path in ("/v1/x", "/v1/x?preview=true", "/v1/x?")}
    assert len(seen) == 3
