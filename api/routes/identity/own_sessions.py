"""The devices that you are signed in on."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.database import Row
from api.access.permissions import Action, requires
from api.access.request import Bearing
from api.edge.answers import json_answer
from api.edge.documented import refusals
from api.edge.problems import EdgeCode, not_found
from api.edge.requests import StrictRoute
from api.models.identity.profile import EndedView, SessionsView, SessionView
from api.queries.identity.holders import holder_of
from api.queries.identity.own_sessions import end_sessions, sessions_of
from api.routes.identity.profile import OWN
from api.routes.paths import SessionPath
from api.services import Parts

router = APIRouter(prefix="/v1/me/sessions", tags=["account"], route_class=StrictRoute)


@router.get(
    "",
    dependencies=[requires(Action.READ_OWN_SESSIONS)],
    response_model=SessionsView,
    responses=refusals(*OWN),
    summary="List the devices that you are signed in on",
)
async def list_sessions(bearer: Bearing, parts: Parts) -> Response:
    """Return every session of yours that lives, the last one used first."""
    holder = await holder_of(parts.database, bearer.lookup)
    rows = await sessions_of(parts.database, holder.person_id)
    return json_answer(SessionsView(items=[_view(row, bearer.session_id) for row in rows]))


@router.delete(
    "",
    dependencies=[requires(Action.END_OWN_SESSIONS)],
    response_model=EndedView,
    responses=refusals(*OWN),
    summary="Sign out every other device",
)
async def end_other_sessions(bearer: Bearing, parts: Parts) -> Response:
    """End every session of yours but the one of this request, at once and on every route."""
    holder = await holder_of(parts.database, bearer.lookup)
    ended = await end_sessions(parts.database, holder.person_id, kept=bearer.session_id)
    return json_answer(EndedView(ended=ended))


@router.delete(
    "/{session_id}",
    dependencies=[requires(Action.END_OWN_SESSIONS)],
    response_model=EndedView,
    responses=refusals(*OWN, EdgeCode.NOT_FOUND),
    summary="Sign out one device",
)
async def end_one_session(session_id: SessionPath, bearer: Bearing, parts: Parts) -> Response:
    """End one session of yours, at once and on every route; it may be the one of this request."""
    holder = await holder_of(parts.database, bearer.lookup)
    ended = await end_sessions(parts.database, holder.person_id, only=session_id)
    if not ended:
        raise not_found()
    return json_answer(EndedView(ended=ended))


def _view(row: Row, current_id: str | None) -> SessionView:
    return SessionView(
        session_id=row["session_id"],
        device_name=row["device_name"],
        program=row["user_agent_family"],
        authenticated_by=row["authenticated_by"],
        created_at=row["created_at"],
        last_seen_at=row["last_seen_at"],
        expires_at=row["expires_at"],
        is_current=row["session_id"] == current_id,
    )
