"""Operators freeze or resume every delivery that a filter finds."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response
from temporalio.service import RPCError

from activities.bulk_holding import FilterRefused
from api.access.callers import caller, claim_by
from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires, role_missing
from api.access.request import Changing, TokenHash
from api.changes import outcome_of, perform
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, READS, refusals
from api.edge.problems import Problem, not_found, unavailable
from api.edge.requests import StrictRoute
from api.models.bulk_holds import BulkHoldView, NewBulkHold
from api.models.types import ID_PATTERN
from api.services import Parts
from domain.errors import Refusal, RefusalCode
from domain.holds.bulk import BulkOrder, check_bulk
from infra.bulk_holds import BulkProgress, TemporalDeliveries, bulk_progress, start_bulk

router = APIRouter(prefix="/v1/bulk-holds", tags=["holds"], route_class=StrictRoute)

_CLAIM = claim_by(Action.ORDER_BULK_HOLD)
BulkPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the bulk order.")]


@router.post(
    "",
    dependencies=[requires(Action.ORDER_BULK_HOLD)],
    status_code=HTTPStatus.CREATED,
    response_model=BulkHoldView,
    responses=refusals(*CHANGES, RefusalCode.REASON_MISSING, RefusalCode.AMENDMENT_INVALID),
    summary="Freeze or resume many deliveries",
)
async def order_bulk(new: NewBulkHold, change: Changing, parts: Parts) -> Response:
    """Freeze or resume every open delivery that a filter finds, at a bounded rate.

    The answer says how many match; a workflow works them off, each once, whatever crashes.
    """

    async def act(claimed: Claim) -> Outcome:
        order = BulkOrder(
            claimed.resource_id,
            new.action,
            new.query,
            new.reason,
            claimed.asker.person_id,
            per_minute=new.per_minute,
        )
        try:
            check_bulk(order.query, order.reason, order.per_minute)
            found = await TemporalDeliveries(parts.temporal).count(order.query)
            await start_bulk(parts.temporal, order)
        except Refusal as refusal:
            raise Problem(refusal.code, refusal.message) from refusal
        except FilterRefused as error:
            raise Problem(RefusalCode.AMENDMENT_INVALID, str(error)) from error
        except (RPCError, RuntimeError) as error:
            raise unavailable() from error
        view = _view(order.bulk_id, BulkProgress("under way", found, 0, 0, 0))
        return outcome_of(view, HTTPStatus.CREATED, f"/v1/bulk-holds/{order.bulk_id}")

    return await perform(
        parts,
        change,
        _CLAIM,
        {},
        act,
        unclaimed=lambda _: role_missing(Action.ORDER_BULK_HOLD),
    )


@router.get(
    "/{bulk_id}",
    dependencies=[requires(Action.READ_BULK_HOLD)],
    response_model=BulkHoldView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="Look at a bulk order",
)
async def get_bulk(bulk_id: BulkPath, token: TokenHash, parts: Parts) -> Response:
    """Return how far a bulk order has come; no worker is asked for it."""
    await caller(parts.database, token)
    try:
        progress = await bulk_progress(parts.temporal, bulk_id)
    except (RPCError, RuntimeError) as error:
        raise unavailable() from error
    if progress is None:
        raise not_found()
    return json_answer(_view(bulk_id, progress))


def _view(bulk_id: str, progress: BulkProgress) -> BulkHoldView:
    return BulkHoldView(
        bulk_id=bulk_id,
        state=progress.state,
        found=progress.found,
        done=progress.done,
        unchanged=progress.unchanged,
        refused=progress.refused,
    )
