"""The policy: complete, closed by default, and the same for everybody in the same place."""

from __future__ import annotations

from itertools import chain, combinations

import pytest

from domain.identity.actions import Action
from domain.identity.permissions import (
    KNOWN,
    RULES,
    Decision,
    Nature,
    capacity_for,
    decide,
    may_ask,
)
from domain.identity.roles import (
    OUTSIDERS,
    PARTIES,
    STAFF,
    STAFF_ROLES,
    PersonRole,
    Relation,
    complete,
    staff_relations,
)

ON_DELIVERIES = [action for action, rule in RULES.items() if rule.by]
EVERY_ROLE = frozenset(PersonRole)


def test_every_action_has_a_rule() -> None:
    missing = [action for action in Action if action not in RULES]
    assert not missing, (
        f"Say in domain/identity/permissions.py who may {missing}: what has no rule is for nobody."
    )


def test_what_has_no_rule_is_for_nobody() -> None:
    unknown: Action = "unheard_of"  # type: ignore[assignment]
    assert decide(unknown, KNOWN, EVERY_ROLE) is Decision.HIDDEN
    assert not may_ask(unknown, EVERY_ROLE)


def test_only_public_actions_are_public() -> None:
    assert {action for action, rule in RULES.items() if rule.nature is Nature.PUBLIC} == {
        action for action in Action if action.is_public
    }


@pytest.mark.parametrize("action", ON_DELIVERIES)
def test_whoever_may_do_something_may_know_of_it(action: Action) -> None:
    rule = RULES[action]
    assert set(rule.by) <= rule.known_to | rule.barred


@pytest.mark.parametrize("action", ON_DELIVERIES)
def test_a_stranger_meets_nothing_whatever_their_roles(action: Action) -> None:
    assert decide(action, frozenset(), EVERY_ROLE) is Decision.HIDDEN


@pytest.mark.parametrize("action", ON_DELIVERIES)
def test_each_relation_alone_is_told_what_the_row_says(action: Action) -> None:
    rule = RULES[action]
    for relation in Relation:
        decision = decide(action, {relation}, EVERY_ROLE)
        if relation not in rule.known_to:
            assert decision is Decision.HIDDEN
        else:
            allowed = relation in rule.by and relation not in rule.barred
            assert (decision is Decision.ALLOWED) is allowed, relation


@pytest.mark.parametrize("action", ON_DELIVERIES)
def test_nobody_acts_as_staff_in_a_delivery_of_their_own(action: Action) -> None:
    for party, staff in ((party, staff) for party in PARTIES for staff in STAFF):
        both = {party, staff}
        if decide(action, both, EVERY_ROLE) is not Decision.ALLOWED:
            continue
        capacity = capacity_for(action, both)
        assert capacity == party or RULES[action].nature is Nature.READING


def test_a_further_relation_never_takes_a_secret_away_from_its_reader() -> None:
    pairs = chain.from_iterable(combinations(Relation, count) for count in (1, 2))
    for relations in map(frozenset, pairs):
        for action in ON_DELIVERIES:
            hidden = decide(action, relations, EVERY_ROLE) is Decision.HIDDEN
            assert hidden is not bool(relations & RULES[action].known_to)


def test_outsiders_only_look_and_offer() -> None:
    done = {a for a in ON_DELIVERIES if OUTSIDERS & set(RULES[a].by)}
    assert done == {
        Action.READ_DELIVERY,
        Action.READ_DEADLINES,
        Action.LIST_OFFERS,
        Action.SUBMIT_OFFER,
        Action.COUNTER_OFFER,
        Action.WITHDRAW_OFFER,
    }


def test_admins_read_everything_and_move_no_money() -> None:
    done = {a for a in ON_DELIVERIES if decide(a, {Relation.ADMIN}, {"admin"}) is Decision.ALLOWED}
    assert {RULES[action].nature for action in done} == {Nature.READING, Nature.CHANGING}
    assert {a for a in done if RULES[a].nature is Nature.CHANGING} == {Action.ADVANCE_CLOCK}
    assert Action.READ_LEDGER in done


def test_a_case_narrows_who_may() -> None:
    among = {Relation.AGENT}
    operator, agent = {Relation.OPERATOR}, {Relation.AGENT}
    assert decide(Action.ORDER_CORRECTION, operator, EVERY_ROLE, among) is Decision.FOR_OTHERS
    assert decide(Action.ORDER_CORRECTION, agent, EVERY_ROLE, among) is Decision.ALLOWED


def test_an_offer_is_made_by_travelers_who_are_no_staff() -> None:
    browsing = {Relation.BROWSING}
    assert decide(Action.SUBMIT_OFFER, browsing, {"traveler"}) is Decision.ALLOWED
    assert decide(Action.SUBMIT_OFFER, browsing, {"customer"}) is Decision.FOR_OTHERS
    staff = {Relation.BROWSING, Relation.AGENT}
    assert decide(Action.SUBMIT_OFFER, staff, {"traveler", "agent"}) is Decision.FOR_OTHERS


def test_a_senior_agent_is_an_agent() -> None:
    assert complete(["senior_agent"]) == ("agent", "senior_agent")
    assert staff_relations(["senior_agent"]) == {Relation.AGENT}
    assert staff_relations(EVERY_ROLE - STAFF_ROLES) == frozenset()
    with pytest.raises(ValueError, match="owner"):
        complete(["owner"])
