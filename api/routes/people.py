"""What people may know of others, and what only staff may."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.edge.answers import json_answer
from api.edge.documented import READS, refusals
from api.edge.requests import StrictRoute
from api.models.identity.profile import CardView
from api.models.leaving import RecordView, StrikeView
from api.queries.identity.others import card_of
from api.queries.people import strikes_of
from api.routes.paths import PersonPath
from api.services import Parts
from domain.errors import RefusalCode
from domain.identity.privacy import NameShown, shown_name

router = APIRouter(prefix="/v1/people/{person_id}", tags=["people"], route_class=StrictRoute)


@router.get(
    "",
    dependencies=[requires(Action.READ_CARD)],
    response_model=CardView,
    responses=refusals(*READS),
    summary="Read who somebody is",
)
async def get_card(person_id: PersonPath, token: TokenHash, parts: Parts) -> Response:
    """Return who somebody is with whom you have to do, as they want to be seen."""
    row = await card_of(parts.database, token, person_id)
    view = CardView(
        person_id=row["person_id"],
        name=shown_name(row["display_name"], NameShown(row["name_shown"])),
        member_since=row["created_at"],
        email_verified=row["email_verified"],
        phone_verified=row["phone_verified"],
    )
    return json_answer(view)


@router.get(
    "/record",
    dependencies=[requires(Action.READ_RECORD)],
    response_model=RecordView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="Read a person's record",
)
async def get_record(person_id: PersonPath, token: TokenHash, parts: Parts) -> Response:
    """Staff read which deliveries a traveler gave back, or did not come to."""
    rows = await strikes_of(parts.database, token, person_id)
    strikes = [
        StrikeView(delivery_id=row["delivery_id"], at=row["at"], reason=row["reason"])
        for row in rows
    ]
    total = rows[0]["total"] if rows else 0
    return json_answer(RecordView(person_id=person_id, strikes_total=total, strikes=strikes))
