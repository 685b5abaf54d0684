"""No stage of a dispute can get stuck: each clock has a default, and an owner who can act."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.contracts import Actor, DisputeOrder, DisputeReason
from domain.deadlines import DeadlineKind
from domain.disputing.ladder import DisputeStage, Ladder, Side
from domain.disputing.next_steps import next_steps
from domain.disputing.rules import DisputeCase, owners_of
from domain.status import DeliveryStatus
from tests.domain.builders import (
    AGENT,
    CUSTOMER,
    DELIVERY,
    DISPUTE,
    ORDER,
    PRICE,
    TRAVELER,
    standing_at,
)
from workflows.dispute import DisputeWorkflow

_K, _S = DeadlineKind, DisputeStage
CLOCKS = [
    (_S.ANSWER, _K.ANSWER_OF_TRAVELER, CUSTOMER, None),
    (_S.ANSWER, _K.ANSWER_OF_CUSTOMER, TRAVELER, None),
    (_S.NEGOTIATION, _K.NEGOTIATION, CUSTOMER, None),
    (_S.AGENT, _K.VERDICT, CUSTOMER, None),
    (_S.AGENT, _K.VERDICT_FINAL, CUSTOMER, None),
    (_S.AGENT, _K.REPLY_OF_CUSTOMER, CUSTOMER, Side.CUSTOMER),
    (_S.REVIEW, _K.REPLY_OF_TRAVELER, CUSTOMER, Side.TRAVELER),
    (_S.APPEAL, _K.APPEAL, CUSTOMER, None),
    (_S.REVIEW, _K.REVIEW, CUSTOMER, None),
]
PEOPLE = {"customer": CUSTOMER, "traveler": TRAVELER, "agent": AGENT}


def order_of(opened_by: Actor) -> DisputeOrder:
    return DisputeOrder(
        delivery_id=DELIVERY,
        dispute_id=DISPUTE,
        opened_by=opened_by,
        reason=DisputeReason.DAMAGED,
        held=PRICE,
        handover_proven=True,
        standing=standing_at(DeliveryStatus.DISPUTED),
        order=ORDER,
        ladder=Ladder(DisputeStage.ANSWER),
    )


@pytest.mark.parametrize(("stage", "kind", "opened_by", "asked"), CLOCKS)
def test_the_owner_of_each_clock_can_act(
    stage: DisputeStage, kind: DeadlineKind, opened_by: Actor, asked: Side | None
) -> None:
    ladder = replace(Ladder(stage), agent_id=AGENT.person_id, waiting_for=asked)
    case = DisputeCase(order_of(opened_by), ladder)
    owners = owners_of(case, kind)
    assert owners
    for owner in owners:
        assert next_steps(case, PEOPLE[owner]), owner


def test_every_clock_has_a_default_and_every_stage_a_clock() -> None:
    workflow = DisputeWorkflow(order_of(CUSTOMER))
    assert set(workflow._defaults()) == {kind for _, kind, _, _ in CLOCKS}
    assert {stage for stage, *_ in CLOCKS} == set(DisputeStage) - {DisputeStage.CLOSED}
