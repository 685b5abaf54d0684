"""The ladder of a dispute: each step that a side may take."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.preconditions import IfMatch, version_in
from api.access.request import Change, Changing
from api.access.rows import Sight
from api.changes import CLAIM_ON_DISPUTE, actor_as, outcome_of, perform, sight_of_claim
from api.edge.documented import CHANGES, refusals
from api.edge.problems import Problem
from api.edge.requests import StrictRoute
from api.models.disputes import DisputeStepView, NewAnswer, NewAppeal, NewProposal, NewReply
from api.models.requests import NoFields
from api.queries.disputes import CLAIM_AND_REPLY, CLAIM_APPEAL, sealed_for
from api.routes.paths import DisputePath, ProposalPath
from api.services import Parts, Services
from api.views import clock_view
from domain.contracts import Actor
from domain.disputing.commands import (
    AnswerDispute,
    AppealVerdict,
    CloseProposal,
    DisputeStanding,
    MakeProposal,
    StepInDispute,
)
from domain.errors import RefusalCode
from domain.ids import DisputeId

router = APIRouter(prefix="/v1/disputes", tags=["disputes"], route_class=StrictRoute)

STEPS = (
    *CHANGES,
    RefusalCode.DISPUTE_CHANGED,
    RefusalCode.DISPUTE_CLOSED,
    RefusalCode.ON_HOLD,
    RefusalCode.TOO_MANY_COMMANDS,
    RefusalCode.WRONG_STATE,
)
"""How every step in a dispute can be refused."""
_PROPOSALS = (*STEPS, RefusalCode.PROPOSAL_UNKNOWN, RefusalCode.PROPOSAL_CLOSED)

CommandOf = Callable[[Claim, Actor, int | None], object]
"""Makes the command of a step, once it is known who takes it and which version they have seen."""


@router.post(
    "/{dispute_id}/answer",
    dependencies=[requires(Action.ANSWER_DISPUTE)],
    response_model=DisputeStepView,
    responses=refusals(*STEPS),
    summary="Answer a dispute",
)
async def answer_dispute(
    dispute_id: DisputePath,
    new: NewAnswer,
    change: Changing,
    parts: Parts,
    if_match: IfMatch = None,
) -> Response:
    """The other side accepts what is asked for, which settles the dispute at once, or contests it."""

    def command_of(_: Claim, actor: Actor, version: int | None) -> AnswerDispute:
        return AnswerDispute(actor, new.accepts, version)

    return await take(parts, change, dispute_id, "answer_dispute", command_of, if_match=if_match)


@router.post(
    "/{dispute_id}/proposals",
    dependencies=[requires(Action.MAKE_PROPOSAL)],
    status_code=HTTPStatus.CREATED,
    response_model=DisputeStepView,
    responses=refusals(*STEPS, RefusalCode.PROPOSALS_REACHED, RefusalCode.VERDICT_AMOUNT_INVALID),
    summary="Make a proposal",
)
async def make_proposal(
    dispute_id: DisputePath,
    new: NewProposal,
    change: Changing,
    parts: Parts,
    if_match: IfMatch = None,
) -> Response:
    """Say how you would settle the dispute; it replaces your proposal of before."""

    def command_of(claimed: Claim, actor: Actor, version: int | None) -> MakeProposal:
        return MakeProposal(actor, claimed.resource_id, new.outcome, new.refund_minor, version)

    return await take(
        parts,
        change,
        dispute_id,
        "propose",
        command_of,
        if_match=if_match,
        status=HTTPStatus.CREATED,
    )


@router.post(
    "/{dispute_id}/proposals/{proposal_id}/accept",
    dependencies=[requires(Action.ACCEPT_PROPOSAL)],
    response_model=DisputeStepView,
    responses=refusals(*_PROPOSALS),
    summary="Accept a proposal",
)
async def accept_proposal(
    dispute_id: DisputePath,
    proposal_id: ProposalPath,
    change: Changing,
    parts: Parts,
    *,
    if_match: IfMatch = None,
    _: NoFields | None = None,
) -> Response:
    """Settle the dispute as the other side proposes; the money moves next."""
    command_of = _closing(proposal_id)
    return await take(parts, change, dispute_id, "accept_proposal", command_of, if_match=if_match)


@router.post(
    "/{dispute_id}/proposals/{proposal_id}/withdraw",
    dependencies=[requires(Action.WITHDRAW_PROPOSAL)],
    response_model=DisputeStepView,
    responses=refusals(*_PROPOSALS),
    summary="Withdraw a proposal",
)
async def withdraw_proposal(
    dispute_id: DisputePath,
    proposal_id: ProposalPath,
    change: Changing,
    parts: Parts,
    *,
    if_match: IfMatch = None,
    _: NoFields | None = None,
) -> Response:
    """Take your proposal back: nobody can accept it any more."""
    command_of = _closing(proposal_id)
    return await take(parts, change, dispute_id, "withdraw_proposal", command_of, if_match=if_match)


@router.post(
    "/{dispute_id}/agent",
    dependencies=[requires(Action.CALL_AGENT)],
    response_model=DisputeStepView,
    responses=refusals(*STEPS),
    summary="Call an agent",
)
async def call_agent(
    dispute_id: DisputePath,
    change: Changing,
    parts: Parts,
    if_match: IfMatch = None,
    _: NoFields | None = None,
) -> Response:
    """End the negotiation: an agent decides. You may still agree with each other until then."""
    return await take(parts, change, dispute_id, "end_negotiation", plain_step, if_match=if_match)


@router.post(
    "/{dispute_id}/replies",
    dependencies=[requires(Action.REPLY_TO_AGENT)],
    response_model=DisputeStepView,
    responses=refusals(*STEPS),
    summary="Reply to the agent",
)
async def reply(
    dispute_id: DisputePath,
    new: NewReply,
    change: Changing,
    parts: Parts,
    if_match: IfMatch = None,
) -> Response:
    """Reply to the agent's question with a message; the agent's clock goes on."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = _side(sight)
        if not claimed.row["is_added"]:
            raise Problem(RefusalCode.WRONG_STATE, "Nothing was asked of you.")
        command = StepInDispute(actor, version_in(claimed, if_match))
        return await _taken(parts, claimed, dispute_id, "reply", command)

    words = await sealed_for(parts.database, change, CLAIM_AND_REPLY, new.text)
    values = {"dispute_id": dispute_id, "text": words}
    return await perform(parts, change, CLAIM_AND_REPLY, values, act)


@router.post(
    "/{dispute_id}/appeal",
    dependencies=[requires(Action.APPEAL_VERDICT)],
    response_model=DisputeStepView,
    responses=refusals(*STEPS, RefusalCode.EVIDENCE_NOT_NEW),
    summary="Appeal the verdict",
)
async def appeal(
    dispute_id: DisputePath,
    new: NewAppeal,
    change: Changing,
    parts: Parts,
    if_match: IfMatch = None,
) -> Response:
    """Have another agent review the verdict, for evidence that you added after it."""

    async def act(claimed: Claim) -> Outcome:
        actor = _side(sight_of_claim(claimed))
        if claimed.row["dispute_weighed_at"] is not None and not claimed.row["is_new"]:
            raise Problem(
                RefusalCode.EVIDENCE_NOT_NEW, "Add evidence that the verdict had not seen, first."
            )
        command = AppealVerdict(actor, new.evidence_id, version_in(claimed, if_match))
        return await _taken(parts, claimed, dispute_id, "appeal", command)

    values = {"dispute_id": dispute_id, "evidence_id": new.evidence_id}
    return await perform(parts, change, CLAIM_APPEAL, values, act)


@router.post(
    "/{dispute_id}/waiver",
    dependencies=[requires(Action.WAIVE_APPEAL)],
    response_model=DisputeStepView,
    responses=refusals(*STEPS),
    summary="Waive the appeal",
)
async def waive_appeal(
    dispute_id: DisputePath,
    change: Changing,
    parts: Parts,
    if_match: IfMatch = None,
    _: NoFields | None = None,
) -> Response:
    """Say that you will not appeal; once both sides have, the verdict is final."""
    return await take(parts, change, dispute_id, "waive_appeal", plain_step, if_match=if_match)


def plain_step(_: Claim, actor: Actor, version: int | None) -> StepInDispute:
    """Make the command of a step that says nothing but who takes it."""
    return StepInDispute(actor, version)


def _closing(proposal_id: str) -> CommandOf:
    return lambda _, actor, version: CloseProposal(actor, proposal_id, version)


def _side(sight: Sight) -> Actor:
    return actor_as(sight)


async def take(
    parts: Services,
    change: Change,
    dispute_id: str,
    name: str,
    command_of: CommandOf,
    *,
    if_match: str | None,
    status: HTTPStatus = HTTPStatus.OK,
    actor_of: Callable[[Sight], Actor] = _side,
) -> Response:
    """Take a step in a dispute as one of its sides, or as whom `actor_of` finds."""

    async def act(claimed: Claim) -> Outcome:
        actor = actor_of(sight_of_claim(claimed))
        command = command_of(claimed, actor, version_in(claimed, if_match))
        return await _taken(parts, claimed, dispute_id, name, command, status=status)

    return await perform(parts, change, CLAIM_ON_DISPUTE, {"dispute_id": dispute_id}, act)


async def _taken(
    parts: Services,
    claimed: Claim,
    dispute_id: str,
    name: str,
    command: object,
    *,
    status: HTTPStatus = HTTPStatus.OK,
) -> Outcome:
    standing = await parts.commands.change_dispute(
        DisputeId(dispute_id), name, command, claimed.update_id, DisputeStanding
    )
    return outcome_of(_view(dispute_id, sight_of_claim(claimed), standing), status)


def _view(dispute_id: str, sight: Sight, standing: DisputeStanding) -> DisputeStepView:
    return DisputeStepView(
        dispute_id=dispute_id,
        delivery_id=sight.delivery.delivery_id,
        status=standing.status,
        stage=standing.stage,
        version=standing.version,
        deadline=clock_view(standing.deadline_kind, standing.deadline_at),
    )
