"""Staff read every scan of a delivery that somebody tried."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.access.sights import permitted_sight_of
from api.edge.answers import json_answer
from api.edge.documented import LISTS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import Page
from api.models.scan_attempts import ScanAttemptView
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries.scan_attempts import attempts_of
from api.routes.paths import DeliveryPath
from api.services import Parts
from domain.errors import RefusalCode

router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["risk"], route_class=StrictRoute)


@router.get(
    "/scan-attempts",
    dependencies=[requires(Action.LIST_SCAN_ATTEMPTS)],
    response_model=Page[ScanAttemptView],
    responses=refusals(*LISTS, RefusalCode.NOT_YOUR_ROLE),
    summary="List the scans that were tried",
)
async def list_scan_attempts(
    delivery_id: DeliveryPath,
    token: TokenHash,
    parts: Parts,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List every scan, the newest first, with what became of it; for staff alone."""
    before = read_id_cursor(cursor, NEWEST)
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    rows = await attempts_of(parts.database, sight.delivery.delivery_id, before, limit + 1)
    names = ScanAttemptView.model_fields
    items = [ScanAttemptView(**{name: row[name] for name in names}) for row in rows[:limit]]
    more = len(rows) > limit
    page = Page[ScanAttemptView](
        items=items, next_cursor=id_cursor(items[-1].attempt_id) if more else None
    )
    return json_answer(page)
