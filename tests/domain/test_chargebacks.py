"""Chargebacks: when they are answered, read and over, who may do what, and what their page says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.chargebacks import (
    MONEY_STEPS,
    RECOVERING_STEPS,
    SKIPPABLE_STEPS,
    ChargebackOrder,
    ChargebackStatus,
    DisputeState,
    NameBearer,
    check_name_bearer,
    check_resolve,
    check_submit,
    next_reading_s,
    submit_at,
)
from domain.contracts import Actor, AttentionAction, ResolveAttention, Role, Standing
from domain.deadlines import DeadlineKind
from domain.details import chargeback_details
from domain.errors import Refusal
from domain.ids import ChargebackId, DeliveryId, PersonId
from domain.ledger import Bearer
from domain.money import Money
from domain.policies import ChargebackPolicy, Policies

NOW = datetime(2026, 5, 20, 8, tzinfo=UTC)
PRICE, NOTHING = Money(4_200, "EUR"), Money(0, "EUR")
CUSTOMER, TRAVELER, AGENT = PersonId("c"), PersonId("t"), PersonId("a")
FIGURES = ChargebackPolicy()
ORDER = ChargebackOrder(
    ChargebackId("cb"), DeliveryId("d"), "sandbox", "du_1", "d:charge:1", "EUR", CUSTOMER, TRAVELER
)
DISPUTE = DisputeState(
    "du_1",
    ChargebackStatus.OPEN,
    takes_evidence=True,
    reason="fraudulent",
    charge_id="ch_1",
    amount=PRICE,
    taken=PRICE,
    returned=NOTHING,
    fee=Money(1_500, "EUR"),
    due_by=NOW + timedelta(days=7),
    submissions=0,
)


def refusal_of(check: object, *arguments: object) -> str:
    with pytest.raises(Refusal) as refused:
        check(*arguments)  # type: ignore[operator]
    return refused.value.code


@pytest.mark.parametrize(
    ("status", "returned", "is_over"),
    [
        (ChargebackStatus.OPEN, NOTHING, False),
        (ChargebackStatus.WON, NOTHING, False),
        (ChargebackStatus.WON, PRICE, True),
        (ChargebackStatus.LOST, NOTHING, True),
        (ChargebackStatus.CLOSED_WITHOUT_LOSS, PRICE, True),
    ],
)
def test_it_is_over_once_what_was_won_is_back(
    status: ChargebackStatus, returned: Money, *, is_over: bool
) -> None:
    assert replace(DISPUTE, status=status, returned=returned).is_over is is_over


def test_evidence_is_submitted_before_it_is_due_or_soon_when_the_bank_names_no_moment() -> None:
    assert submit_at(FIGURES, DISPUTE, NOW) == NOW + timedelta(days=5)
    unnamed = replace(DISPUTE, due_by=None)
    assert submit_at(FIGURES, unnamed, NOW) == NOW + timedelta(days=3)


def test_readings_become_rarer_up_to_one_a_day() -> None:
    waits = [next_reading_s(FIGURES, readings) for readings in range(100)]
    assert waits[:3] == [3_600, 7_200, 14_400]
    assert waits == sorted(waits)
    assert waits[-1] == 86_400


@pytest.mark.parametrize(
    ("reason", "traveler_id", "bearer"),
    [
        ("fraudulent", TRAVELER, Bearer.TRAVELER),
        ("product_not_received", TRAVELER, Bearer.TRAVELER),
        ("duplicate", TRAVELER, Bearer.PLATFORM),
        ("fraudulent", None, Bearer.PLATFORM),
    ],
)
def test_who_bears_what_was_released_follows_from_the_reason(
    reason: str, traveler_id: PersonId | None, bearer: Bearer
) -> None:
    assert replace(ORDER, traveler_id=traveler_id).bearer_after_release(reason) is bearer


def test_an_installation_may_decide_otherwise() -> None:
    policies = Policies(chargebacks_of_platform=("fraudulent",))
    order = replace(ORDER, policies=policies)
    assert order.bearer_after_release("fraudulent") is Bearer.PLATFORM


def test_only_neutral_staff_submit_evidence_and_name_a_bearer() -> None:
    agent = Actor(Role.AGENT, AGENT)
    check_submit(ORDER, DISPUTE, agent)
    check_name_bearer(ORDER, ChargebackStatus.OPEN, NameBearer(agent, Bearer.CUSTOMER))
    for actor in (Actor(Role.CUSTOMER, CUSTOMER), Actor(Role.AGENT, TRAVELER)):
        assert refusal_of(check_submit, ORDER, DISPUTE, actor) == "not_your_role"
        naming = NameBearer(actor, Bearer.CUSTOMER)
        assert refusal_of(check_name_bearer, ORDER, "open", naming) == "not_your_role"


def test_nothing_is_submitted_or_named_too_late() -> None:
    agent = Actor(Role.OPERATOR, AGENT)
    over = replace(DISPUTE, takes_evidence=False)
    assert refusal_of(check_submit, ORDER, over, agent) == "wrong_state"
    assert refusal_of(check_submit, ORDER, None, agent) == "wrong_state"
    naming = NameBearer(agent, Bearer.PLATFORM)
    assert refusal_of(check_name_bearer, ORDER, "lost", naming) == "wrong_state"
    nobody = replace(ORDER, traveler_id=None)
    naming = NameBearer(agent, Bearer.TRAVELER)
    assert refusal_of(check_name_bearer, nobody, "open", naming) == "wrong_state"


@pytest.mark.parametrize("step", sorted(MONEY_STEPS | RECOVERING_STEPS | {"write_chargeback"}))
def test_a_parked_step_is_resolved_only_where_no_money_is_lost(step: str) -> None:
    check_resolve(ORDER, step, ResolveAttention())
    skip = ResolveAttention(AttentionAction.SKIP)
    if step in SKIPPABLE_STEPS:
        check_resolve(ORDER, step, skip)
    else:
        assert refusal_of(check_resolve, ORDER, step, skip) == "skip_not_safe"
    by_hand = ResolveAttention(AttentionAction.DONE_BY_HAND, "tr_1")
    if step in MONEY_STEPS:
        check_resolve(ORDER, step, by_hand)
        unnamed = replace(by_hand, reference=" ")
        assert refusal_of(check_resolve, ORDER, step, unnamed) == "wrong_state"
    else:
        assert refusal_of(check_resolve, ORDER, step, by_hand) == "wrong_state"


def test_nobody_resolves_what_is_not_parked_or_their_own() -> None:
    assert refusal_of(check_resolve, ORDER, None, ResolveAttention()) == "nothing_needs_attention"
    own = ResolveAttention(operator_id=TRAVELER)
    assert refusal_of(check_resolve, ORDER, "read_dispute", own) == "not_your_role"


def test_its_page_says_what_was_taken_who_must_act_and_what_is_parked() -> None:
    due_at = NOW + timedelta(days=5)
    standing = Standing("open", "", deadline_kind=DeadlineKind.EVIDENCE, deadline_at=due_at)
    shown = chargeback_details(ORDER, standing, DISPUTE)
    for words in (
        "**open**",
        "EUR 42.00, because: fraudulent",
        "EUR 42.00, EUR 0.00; fee EUR 15.00",
        "2026-05-27 08:00:00 UTC",
        "the agent: check the evidence",
        "`delivery:d`",
        "`du_1`",
    ):
        assert words in shown
    parked = replace(standing, attention="recall_transfer", deadline_kind=DeadlineKind.ATTENTION)
    shown = chargeback_details(ORDER, parked, DISPUTE, "provider_unavailable")
    assert "**recall_transfer** is parked: provider unavailable" in shown
    assert '"skip"' in shown
    assert "not said" in chargeback_details(ORDER, standing, replace(DISPUTE, due_by=None))
