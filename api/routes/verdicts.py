"""What agents do with a dispute: take it over, ask a side, and decide."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.database import Row
from api.access.permissions import Action, requires
from api.access.preconditions import IfMatch, version_in, version_seen
from api.access.request import Changing, TokenHash
from api.access.rows import Sight
from api.access.sights import dispute_row, sight_in
from api.changes import (
    CLAIM_ON_DISPUTE,
    actor_as,
    outcome_of,
    perform,
    sight_of_claim,
)
from api.dispute_views import case_in
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, refusals
from api.edge.problems import refused
from api.edge.requests import StrictRoute
from api.models.disputes import DisputeStepView, NewQuestion, PricedVerdict
from api.models.requests import NewVerdict, NoFields
from api.models.types import money_view
from api.routes.dispute_steps import STEPS, plain_step, take
from api.routes.paths import DisputePath
from api.services import Parts
from domain.contracts import Actor, DecideDispute, Verdict
from domain.deadlines import DeadlineKind
from domain.disputes import verdict_money, verdict_of
from domain.disputing.commands import AskSide
from domain.disputing.rules import check_judge
from domain.errors import Refusal, RefusalCode
from domain.ids import DisputeId
from domain.policies import FeePolicy

router = APIRouter(prefix="/v1/disputes", tags=["disputes"], route_class=StrictRoute)

Preview = Annotated[
    bool,
    Query(description="True only shows each party's money: nothing is decided, nothing is kept."),
]


@router.post(
    "/{dispute_id}/assignment",
    dependencies=[requires(Action.TAKE_DISPUTE_OVER)],
    response_model=DisputeStepView,
    responses=refusals(*STEPS),
    summary="Take a dispute over",
)
async def take_over(
    dispute_id: DisputePath,
    change: Changing,
    parts: Parts,
    if_match: IfMatch = None,
    _: NoFields | None = None,
) -> Response:
    """An agent takes the dispute over, at any stage before the verdict."""
    return await take(
        parts, change, dispute_id, "take_over", plain_step, if_match=if_match, actor_of=_agent
    )


@router.post(
    "/{dispute_id}/questions",
    dependencies=[requires(Action.ASK_SIDE)],
    response_model=DisputeStepView,
    responses=refusals(*STEPS),
    summary="Ask a side",
)
async def ask_side(
    dispute_id: DisputePath,
    new: NewQuestion,
    change: Changing,
    parts: Parts,
    if_match: IfMatch = None,
) -> Response:
    """Ask one side something; your clock stands still until the reply or its deadline."""

    def command_of(_: Claim, actor: Actor, version: int | None) -> AskSide:
        return AskSide(actor, new.side, new.question, version)

    return await take(
        parts, change, dispute_id, "ask_side", command_of, if_match=if_match, actor_of=_agent
    )


@router.post(
    "/{dispute_id}/verdict",
    dependencies=[requires(Action.GIVE_VERDICT)],
    response_model=PricedVerdict,
    responses=refusals(
        *CHANGES,
        RefusalCode.DISPUTE_ALREADY_DECIDED,
        RefusalCode.DISPUTE_CHANGED,
        RefusalCode.ON_HOLD,
        RefusalCode.TOO_MANY_COMMANDS,
        RefusalCode.VERDICT_AMOUNT_INVALID,
    ),
    summary="Give the verdict",
)
async def give_verdict(
    dispute_id: DisputePath,
    new: NewVerdict,
    change: Changing,
    token: TokenHash,
    parts: Parts,
    *,
    preview: Preview = False,
    if_match: IfMatch = None,
) -> Response:
    """An agent decides who gets the held payment, at any stage; a side may appeal once.

    With `preview=true` it is only computed, by the rule that settles the money, and the key of the
    request is not used up.
    """

    def command_of(sight: Sight, version: int | None) -> DecideDispute:
        actor = _agent(sight)
        return DecideDispute(actor, new.outcome, new.refund_minor, new.note, version)

    if preview:
        row = await dispute_row(parts.database, token, dispute_id)
        sight = sight_in(row)
        command = command_of(sight, version_seen(row, if_match))
        try:
            check_judge(case_in(sight, row), command)
        except Refusal as refusal:
            raise refused(refusal, sight.delivery.status) from refusal
        price = sight.delivery.standing.price
        assert price is not None, "a dispute is about a held payment"
        view = _view(dispute_id, row, verdict_of(command, price), is_preview=True)
        return json_answer(view)

    async def act(claimed: Claim) -> Outcome:
        version = version_in(claimed, if_match)
        verdict = await parts.commands.change_dispute(
            DisputeId(dispute_id),
            "decide",
            command_of(sight_of_claim(claimed), version),
            claimed.update_id,
            Verdict,
        )
        return outcome_of(_view(dispute_id, claimed.row, verdict, is_preview=False))

    return await perform(parts, change, CLAIM_ON_DISPUTE, {"dispute_id": dispute_id}, act)


def _agent(sight: Sight) -> Actor:
    return actor_as(sight)


def _view(dispute_id: str, row: Row, verdict: Verdict, *, is_preview: bool) -> PricedVerdict:
    fees = FeePolicy(**(row["dispute_fees"] or {}))
    share_points = row["dispute_relay_points"]
    money = verdict_money(fees, verdict.refund, verdict.release, share_points)
    standing = verdict.standing
    is_final = standing is None or standing.deadline_kind != DeadlineKind.APPEAL
    return PricedVerdict(
        dispute_id=dispute_id,
        delivery_id=row["delivery_id"],
        outcome=verdict.outcome,
        refund=money_view(verdict.refund),
        release=money_view(verdict.release),
        traveler_net=money_view(money.traveler),
        giver_net=money_view(money.giver) if money.giver is not None else None,
        platform_fee=money_view(money.fee),
        is_preview=is_preview,
        appeal_until=None if is_final or standing is None else standing.deadline_at,
    )
