"""Extra costs: without the customer's consent in time nothing is paid, and nothing waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.contracts import CodePurpose
from domain.correcting.extra_costs import AnswerCost
from domain.correcting.policy import CostReason, ExtraCostPolicy
from domain.correcting.rules import CorrectionKind, CorrectionOrder, CorrectionStatus
from domain.policies import Policies, WindowPolicy
from domain.status import DeliveryStatus
from tests.workflows.correcting import Correcting
from tests.workflows.play import Play, refusal_of

COST = CorrectionKind.EXTRA_COST
DONE, DECLINED = CorrectionStatus.DONE, CorrectionStatus.DECLINED


async def asked(play: Play, amount_minor: int = 600) -> tuple[Correcting, CorrectionOrder]:
    """Have the traveler ask on the way."""
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    during = Correcting(play)
    order = await cost(during, amount_minor)
    assert (await during.start(order)).status is CorrectionStatus.ASKED
    return during, order


async def cost(during: Correcting, amount_minor: int) -> CorrectionOrder:
    return await during.order(COST, amount_minor, cost_reason=CostReason.TOLL, reference="A9-118")


async def answer(during: Correcting, order: CorrectionOrder, update: str, method: str = "") -> None:
    play = during.play
    actor = play.traveler if update == "take_back" else play.customer
    await during.handle(order).execute_update(update, AnswerCost(actor, method))


async def agree(during: Correcting, order: CorrectionOrder, method: str = "pm_sandbox_ok") -> None:
    await answer(during, order, "agree", method)


async def test_what_the_customer_agrees_to_is_the_traveler_s_whole(play: Play) -> None:
    during, order = await asked(play)
    await agree(during, order)
    assert await during.over(order) is DONE
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    totals = await during.totals()
    assert (totals.charged, totals.transferred, totals.fees) == (4_800, 4_380, 420)
    assert totals.is_settled
    events = await play.events()
    costs = [event for event in events if event.startswith("extra")]
    assert costs == [
        "extra_cost_asked",
        "extra_cost_agreed",
        "extra_cost_paid",
        "extra_cost_sent",
        "extra_paid_out",
    ]


async def test_silence_is_a_no_and_the_delivery_never_waits_for_it(play: Play) -> None:
    during, order = await asked(play)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    await play.pass_time(timedelta(days=1, minutes=1), during.handle(order))
    assert await during.over(order) is DECLINED
    (row,) = await during.rows()
    assert (row.problem, row.deadline_at) == ("unanswered", None)
    assert (await during.totals()).charged == 4_200
    assert (await play.events())[-1] == "extra_cost_refused"


@pytest.mark.parametrize(
    ("update", "ends", "event"),
    [
        ("refuse", DECLINED, "extra_cost_refused"),
        ("take_back", CorrectionStatus.GIVEN_UP, "extra_cost_withdrawn"),
    ],
)
async def test_a_no_or_a_request_taken_back_charges_nothing(
    play: Play, update: str, ends: CorrectionStatus, event: str
) -> None:
    during, order = await asked(play)
    await answer(during, order, update)
    assert await during.over(order) is ends
    assert (await during.totals()).charged == 4_200
    assert (await play.events())[-1] == event


async def test_only_the_sides_answer_each_for_itself(play: Play) -> None:
    during, order = await asked(play)
    handle = during.handle(order)
    by_traveler = AnswerCost(play.traveler, "pm_sandbox_ok")
    assert await refusal_of(handle.execute_update("agree", by_traveler)) == "not_your_role"
    assert await refusal_of(handle.execute_update("refuse", by_traveler)) == "not_your_role"
    by_customer = AnswerCost(play.customer)
    assert await refusal_of(handle.execute_update("take_back", by_customer)) == "not_your_role"
    assert await refusal_of(handle.execute_update("agree", by_customer)) == "wrong_state"
    await answer(during, order, "refuse")
    await during.over(order)


async def test_a_declined_charge_is_an_answer_and_the_traveler_may_ask_again(play: Play) -> None:
    during, order = await asked(play)
    await agree(during, order, "pm_sandbox_declined")
    assert await during.over(order) is DECLINED
    again = await cost(during, 600)
    await during.start(again)
    await agree(during, again)
    assert await during.over(again) is DONE
    assert (await during.totals()).charged == 4_800


async def test_a_charge_that_nobody_approves_is_given_up(play: Play) -> None:
    during, _ = await asked(play)
    during.policies = Policies(windows=WindowPolicy(payment_s=300))
    order = await cost(during, 100)
    await during.start(order)
    await agree(during, order, "pm_sandbox_requires_action")
    await during.waiting(CorrectionStatus.UNSETTLED)
    kinds = {row.deadline_kind for row in await during.rows()}
    assert kinds == {"extra_cost", "extra_cost_payment"}
    await play.pass_time(timedelta(minutes=6), during.handle(order))
    assert await during.over(order) is DECLINED
    assert (await during.totals()).charged == 4_200


async def test_requests_are_bounded_in_sum_and_in_number(play: Play) -> None:
    during, _ = await asked(play, 2_000)
    too_much = await cost(during, 101)
    assert await refusal_of(during.start(too_much)) == "correction_amount_invalid"
    during.policies = Policies(extra_costs=ExtraCostPolicy(requests_max=1))
    assert await refusal_of(during.start(await cost(during, 100))) == "requests_reached"
