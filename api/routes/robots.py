"""Sandbox mode: robots play scenarios. With real money there is nothing here."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response
from temporalio.service import RPCError

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.changes import outcome_of, perform
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, READS, refusals
from api.edge.problems import EdgeCode, Problem, not_found, unavailable
from api.edge.requests import StrictRoute
from api.models.sandbox import NewRobotRun, RobotRunView, RobotStepView
from api.models.types import ID_PATTERN
from api.queries.robots import CLAIM_BY_ANYBODY, own_run
from api.services import Parts
from domain.robo import RUNS_AT_ONCE_MAX
from infra.robo.runs import Run
from infra.robo.scenarios import SCENARIOS
from infra.robo.starting import TooManyRuns

router = APIRouter(prefix="/v1/sandbox/robo", tags=["sandbox"], route_class=StrictRoute)

RunPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the run.")]
_RETRY_AFTER = {"Retry-After": "30"}
"""Seconds after which some run has probably ended."""


@router.post(
    "",
    dependencies=[requires(Action.START_ROBOTS)],
    status_code=HTTPStatus.ACCEPTED,
    response_model=RobotRunView,
    responses=refusals(*CHANGES, EdgeCode.ROBOTS_BUSY),
    summary="Let robots play a scenario",
)
async def start_robots(new: NewRobotRun, change: Changing, parts: Parts) -> Response:
    """Simulated people play a delivery through this API; read the run to see what they do.

    A run goes on after a restart of the platform. Answers `not_found` where real money is moved.
    """
    if parts.sandbox is None:
        raise not_found()
    robots = parts.sandbox.robots

    async def act(claimed: Claim) -> Outcome:
        try:
            run = await robots.start(
                claimed.resource_id, new.scenario, new.speed, claimed.asker.person_id
            )
        except TooManyRuns as error:
            raise Problem(
                EdgeCode.ROBOTS_BUSY,
                f"{RUNS_AT_ONCE_MAX} runs play already; try again when one has ended.",
                headers=_RETRY_AFTER,
            ) from error
        except (RPCError, RuntimeError) as error:
            raise unavailable() from error
        return outcome_of(_view(run), HTTPStatus.ACCEPTED, f"{router.prefix}/{run.run_id}")

    return await perform(parts, change, CLAIM_BY_ANYBODY, {}, act)


@router.get(
    "/{run_id}",
    dependencies=[requires(Action.WATCH_ROBOTS)],
    response_model=RobotRunView,
    responses=refusals(*READS),
    summary="Watch robots play",
)
async def get_robot_run(run_id: RunPath, token: TokenHash, parts: Parts) -> Response:
    """Return a run that you started: what was done so far, and how it ended."""
    if parts.sandbox is None:
        raise not_found()
    run = await parts.sandbox.robots.find(run_id)
    return json_answer(_view(await own_run(parts.database, token, run)))


def _view(run: Run) -> RobotRunView:
    scenario = SCENARIOS.get(run.scenario)
    return RobotRunView(
        run_id=run.run_id,
        scenario=run.scenario,
        about=scenario.about if scenario else "",
        speed=run.speed,
        state=run.state,
        verdict=run.verdict,
        delivery_id=run.memory.get("delivery"),
        created_at=run.created_at,
        finished_at=run.finished_at,
        steps_total=len(scenario.steps) if scenario else len(run.steps),
        steps=[
            RobotStepView(number=step.number, who=step.who, told=step.told, at=step.at)
            for step in run.steps
        ],
    )
