"""You take a copy of everything that is kept about you."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from api.access.claims import claim
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.edge.documented import CHANGES, refusals
from api.edge.problems import EdgeCode, Problem, unauthenticated
from api.edge.requests import StrictRoute
from api.models.identity.exports import ExportView
from api.models.requests import NoFields
from api.queries.identity.erasures import CLAIM_OF_OWN
from api.queries.identity.exports import exported_lately
from api.services import Parts
from domain.auditing.entries import AuditEntry, EntryKind
from domain.exporting import ExportPolicy
from domain.ids import PersonId
from infra.audit.trail import note_entry
from infra.exporting.document import document_of

router = APIRouter(prefix="/v1/me/exports", tags=["account"], route_class=StrictRoute)

_HEADERS = {"Content-Disposition": 'attachment; filename="sendalong.json"'}


@router.post(
    "",
    dependencies=[requires(Action.EXPORT_OWN_RECORDS)],
    response_model=ExportView,
    responses=refusals(*CHANGES, EdgeCode.TOO_MANY_TRIES),
    summary="Take a copy of everything about you",
)
async def post_export(change: Changing, parts: Parts, _: NoFields | None = None) -> Response:
    """Return one document of all that is kept about you, and nothing that is somebody else's.

    It is made anew each time and kept nowhere; how often you take one is written down and bounded.
    """
    claimed = await claim(
        parts.database, CLAIM_OF_OWN, change, {}, unclaimed=lambda _: unauthenticated()
    )
    person_id = PersonId(str(claimed.row["asker_id"]))
    entry = _entry(person_id, str(claimed.row["claim_resource_id"]))
    await _require_room(parts, person_id, entry.key)
    await note_entry(parts.engine, entry)
    pieces = document_of(parts.engine, parts.encryption.keys, person_id, datetime.now(UTC))
    return StreamingResponse(pieces, media_type="application/json", headers=_HEADERS)


async def _require_room(parts: Parts, person_id: PersonId, key: str) -> None:
    policy = ExportPolicy()
    if await exported_lately(parts.database, person_id, key, policy.within_s) >= policy.times_max:
        raise Problem(
            EdgeCode.TOO_MANY_TRIES,
            f"You have taken {policy.times_max} copies within a day.",
            headers={"Retry-After": str(policy.within_s)},
        )


def _entry(person_id: PersonId, export_id: str) -> AuditEntry:
    return AuditEntry(
        kind=EntryKind.EXPORTED,
        subject="person",
        subject_id=person_id,
        actor_id=person_id,
        actor_role="person",
        key=f"export:{export_id}",
    )
