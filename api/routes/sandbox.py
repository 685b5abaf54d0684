"""Sandbox mode: a delivery is moved through time. With real money there is nothing here."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response
from temporalio.service import RPCError

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, permit, requires
from api.access.request import Changing
from api.changes import CLAIM_ON_DELIVERY, outcome_of, perform, sight_of_claim
from api.edge.documented import CHANGES, refusals
from api.edge.problems import EdgeCode, Problem, not_found, unavailable
from api.edge.requests import StrictRoute
from api.models.sandbox import Advance, AdvancedView
from api.routes.paths import DeliveryPath
from api.services import Parts
from infra.robo.clocks import ClocksStandStill

router = APIRouter(prefix="/v1/sandbox", tags=["sandbox"], route_class=StrictRoute)


@router.post(
    "/deliveries/{delivery_id}/advance",
    dependencies=[requires(Action.ADVANCE_CLOCK)],
    response_model=AdvancedView,
    responses=refusals(*CHANGES, EdgeCode.CLOCKS_STAND_STILL),
    summary="Move a delivery through time",
)
async def advance(
    delivery_id: DeliveryPath, new: Advance, change: Changing, parts: Parts
) -> Response:
    """Move a delivery on: whatever was to happen on the way happens now, in order.

    For its parties and for staff. Answers `not_found` where real money is moved.
    """
    if parts.sandbox is None:
        raise not_found()
    clocks = parts.sandbox.clocks

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        permit(sight)
        moving = sight.delivery.delivery_id
        try:
            moved = await clocks.advance(moving, claimed.update_id, new.by)
        except ClocksStandStill as error:
            raise Problem(
                EdgeCode.CLOCKS_STAND_STILL,
                "The Temporal server has to be started with frontend.WorkflowTimeSkippingEnabled.",
            ) from error
        except (RPCError, RuntimeError) as error:
            raise unavailable() from error
        return outcome_of(
            AdvancedView(
                delivery_id=moving,
                now=moved.now,
                ahead_s=int(moved.ahead.total_seconds()),
                arrived=moved.arrived,
            )
        )

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)
